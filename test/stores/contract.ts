import { afterAll, beforeAll, describe } from 'vitest';
import type { Reject } from '../../src/domain/rows.js';
import type { Store } from '../../src/stores/store.js';
import { describeFidelity } from './contract-fidelity.js';
import { describeFailures } from './contract-failures.js';
import { describeGuesses } from './contract-guesses.js';
import { describeModes } from './contract-modes.js';
import { describeRandomLoads } from './contract-random.js';
import { describeRejects, describeReplay } from './contract-rejects.js';
import { describeRules } from './contract-rules.js';

/** A row as a reader sees it: strings decoded, everything else as it is written, null for null and for missing. */
export type ReadRow = Readonly<Record<string, string | null>>;

/** What the contract suite needs to know of a store. */
export interface StoreUnderTest {
  /** Opens the same store once more, as another worker would. */
  open(): Store;
  /** All rows by (execution, row); undefined = there is no such table. */
  readTable(table: string): Promise<readonly ReadRow[] | undefined>;
  readRejects(table: string, run: string): Promise<readonly Reject[]>;
  /** How a reader finds a JSON number that was stored as `numeric`: not all stores keep every digit. */
  number(raw: string): string;
  /** Whether a second row with a table's key is a reject, and not the end of its load. */
  readonly refusesRowsAlone?: boolean;
  /** As a person would, with the tools of the place. */
  dropTable(table: string): Promise<void>;
  stop(): Promise<void>;
}

/** How a group of tests gets at the store, and at a table of its own. */
export interface Contract {
  store(): Store;
  under(): StoreUnderTest;
  newTable(): string;
  /** The rows of a table as `[sku, price]`. */
  prices(table: string): Promise<readonly (readonly (string | null | undefined)[])[] | undefined>;
}

/** What every store promises. */
export function testStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`the store ${name}`, () => {
    let started: { readonly under: StoreUnderTest; readonly store: Store } | undefined;
    let tables = 0;
    beforeAll(async () => {
      const under = await start();
      started = { under, store: under.open() };
    });
    afterAll(async () => {
      await started?.store.close();
      await started?.under.stop();
    });
    const running = (): NonNullable<typeof started> => {
      if (started === undefined) {
        throw new Error('the store did not start');
      }
      return started;
    };
    const contract: Contract = {
      store: () => running().store,
      under: () => running().under,
      newTable: () => `table_${(tables += 1)}`,
      async prices(table) {
        const rows = await running().under.readTable(table);
        return rows?.map(({ sku, price }) => [sku, price]);
      },
    };
    describeModes(contract);
    describeRules(contract);
    describeGuesses(contract);
    describeRandomLoads(contract);
    describeFailures(contract);
    describeFidelity(contract);
    describeRejects(contract);
    describeReplay(contract);
  });
}
