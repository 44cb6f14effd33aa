import { executionIdIn } from '../../domain/ids.js';
import { UserError } from '../../user-error.js';
import { printable } from '../../printable.js';
import { openStagedRuns } from './staged-runs.js';
import { createUnreadable, noRejects, withStores, type NamedStore, type Unreadable } from './with-stores.js';
import { print, say } from '../terminal.js';

export interface ShowOptions {
  readonly store?: string;
  readonly table?: string;
  /** 0 = all. */
  readonly limit: number;
  readonly json?: boolean;
}

/** A reject and where it lies: `store/table`, or in staging. */
interface Shown {
  readonly where: string;
  readonly row: number;
  readonly reason: string;
  readonly raw: string;
}

/** `titanflow rejects show RUN`: its open rejects, from the stores, or from staging where no store knows of them. */
export async function showRejects(id: string, options: ShowOptions): Promise<void> {
  const run = executionIdIn(id) ?? id;
  await withStores(options.store, async (stores) => {
    const unreadable = createUnreadable();
    const search = searchRejects(stores, run, options, unreadable);
    let shown = 0;
    for await (const reject of search.open()) {
      if (shown === options.limit && options.limit > 0) {
        say(`there are more: --limit ${shown * 10}, or --limit 0 for all`);
        return unreadable.report();
      }
      shown += 1;
      print(options.json === true ? JSON.stringify({ run, ...reject }) : textOf(reject));
    }
    unreadable.report();
    if (shown > 0 || (search.seen() === 0 && unreadable.count() > 0)) return;
    if (search.seen() === 0) throw new UserError(2, noRejects(run, stores));
    say(`run ${printable(run)}: all ${search.seen()} rejects were replayed`);
  });
}

function searchRejects(
  stores: readonly NamedStore[],
  run: string,
  { store, table }: ShowOptions,
  unreadable: Unreadable,
) {
  let seen = 0;
  const filter = { run, replayed: true, ...(table === undefined ? {} : { table }) };
  return {
    seen: () => seen,
    async *open(): AsyncGenerator<Shown> {
      for (const named of stores) {
        const { name } = named;
        for await (const rejects of unreadable.from(named, (store) => store.rejects(filter))) {
          seen += rejects.length;
          for (const { table, row, reason, raw, replayedAt } of rejects) {
            if (replayedAt === undefined) yield { where: `${name}/${table}`, row, reason, raw };
          }
        }
      }
      if (seen > 0 || store !== undefined || table !== undefined) return;
      for await (const { execution, ...reject } of (await openStagedRuns())?.rejects(run) ?? []) {
        yield { where: execution === undefined ? 'staging' : `staging, execution ${execution}`, ...reject };
      }
    },
  };
}

function textOf({ where, row, reason, raw }: Shown): string {
  return `${printable(where)} row ${row}: ${printable(reason)}\n  ${printable(raw)}`;
}
