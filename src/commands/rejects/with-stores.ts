import { loadAgents } from '../../config.js';
import { loadStoresConfig } from '../../stores-config.js';
import { StagingError } from '../../staging/staging.js';
import { openStores } from '../../stores/open-stores.js';
import { StoreError, type Store } from '../../stores/store.js';
import { UserError } from '../../user-error.js';
import { printable } from '../../printable.js';
import { say } from '../terminal.js';

export interface NamedStore {
  readonly name: string;
  readonly store: Store;
}

/**
 * Opens the stores of the stores file, or the one that is named, and closes them afterwards.
 *
 * @throws UserError: 2 where a store refuses, 3 where one cannot be reached
 */
export async function withStores<Result>(
  named: string | undefined,
  use: (stores: readonly NamedStore[]) => Promise<Result>,
): Promise<Result> {
  const stores = openStores(loadStoresConfig(), loadAgents());
  try {
    const names = named === undefined ? stores.names : [named];
    return await use(names.map((name) => ({ name, store: stores.get(name) })));
  } catch (error) {
    if (error instanceof StoreError)
      throw new UserError(error.reason === 'unavailable' ? 3 : 2, error.message, { cause: error });
    if (error instanceof StagingError) throw new UserError(2, error.message, { cause: error });
    throw error;
  } finally {
    await stores.close();
  }
}

/** Stores that could not be read: they hide nothing of the others. */
export interface Unreadable {
  /** Reads from one store, or notes why that cannot be done. @throws what is no trouble of the store's */
  from<Item>(store: NamedStore, items: (store: Store) => AsyncIterable<Item>): AsyncGenerator<Item>;
  /** Says which ones, when the others are told, and sets the exit code. */
  report(): void;
  readonly count: () => number;
}

export function createUnreadable(): Unreadable {
  const troubles: { readonly name: string; readonly error: StoreError }[] = [];
  return {
    async *from({ name, store }, items) {
      try {
        yield* items(store);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        troubles.push({ name, error });
      }
    },
    report() {
      for (const { name, error } of troubles) {
        say(`titanflow: store ${printable(name)} could not be read: ${printable(error.message)}`);
      }
      if (troubles.length === 0) return;
      process.exitCode = troubles.some(({ error }) => error.reason === 'unavailable') ? 3 : 2;
    },
    count: () => troubles.length,
  };
}

/** Says where was looked. */
export function noRejects(run: string, stores: readonly NamedStore[]): string {
  const names = stores.map(({ name }) => printable(name)).join(', ');
  return `there are no rejects of run "${printable(run)}" in ${names}; see: titanflow rejects list`;
}
