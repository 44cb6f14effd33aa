import Table from 'cli-table3';
import { executionIdIn } from '../../domain/ids.js';
import { printable } from '../../printable.js';
import { createReasons, type Reasons } from './reasons.js';
import { openStagedRuns, type StagedRun } from './staged-runs.js';
import { createUnreadable, withStores, type NamedStore, type Unreadable } from './with-stores.js';
import { print, printJson } from '../terminal.js';

export interface ListOptions {
  readonly store?: string;
  readonly table?: string;
  readonly run?: string;
  readonly json?: boolean;
}

interface Tally {
  readonly store: string;
  readonly table: string;
  readonly run: string;
  readonly at: string;
  open: number;
  replayed: number;
  /** Of the open ones. */
  readonly reasons: Reasons;
}

/** `titanflow rejects list`: which runs have rejects, and why. */
export async function listRejects({ store, table, run: id, json }: ListOptions): Promise<void> {
  const run = id === undefined ? undefined : (executionIdIn(id) ?? id);
  await withStores(store, async (stores) => {
    const kept: Tally[] = [];
    const unreadable = createUnreadable();
    for (const each of stores) kept.push(...(await tally(each, table, run, unreadable)));
    const isNarrowed = store !== undefined || table !== undefined;
    const held = isNarrowed ? [] : await findHeld(new Set(kept.map((each) => each.run)), run);
    const isNothingKnown = unreadable.count() === stores.length && held.length === 0;
    if (isNothingKnown) return unreadable.report();
    if (json === true) printJson([...kept.map(asJson), ...held.map((each) => ({ ...each, staged: true }))]);
    else if (kept.length + held.length > 0) print(tableOf(kept, held, unreadable.count() === 0));
    else if (unreadable.count() === 0) print('no rejects');
    unreadable.report();
  });
}

async function tally(
  named: NamedStore,
  table: string | undefined,
  run: string | undefined,
  unreadable: Unreadable,
): Promise<Tally[]> {
  const { name } = named;
  const tallies = new Map<string, Tally>();
  const filter = { ...(table === undefined ? {} : { table }), ...(run === undefined ? {} : { run }), replayed: true };
  for await (const rejects of unreadable.from(named, (store) => store.rejects(filter))) {
    for (const { table, run, at, reason, replayedAt } of rejects) {
      const key = JSON.stringify([table, run]);
      const found = tallies.get(key) ?? { store: name, table, run, at, open: 0, replayed: 0, reasons: createReasons() };
      tallies.set(key, found);
      if (replayedAt !== undefined) found.replayed += 1;
      else {
        found.open += 1;
        found.reasons.add(reason);
      }
    }
  }
  return [...tallies.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Runs with rejects that no store knows: a gate holds them, or nobody has published them yet. */
async function findHeld(known: ReadonlySet<string>, run: string | undefined): Promise<StagedRun[]> {
  const held: StagedRun[] = [];
  for await (const staged of (await openStagedRuns())?.list() ?? []) {
    if (!known.has(staged.run) && (run === undefined || staged.run === run)) held.push(staged);
  }
  return held;
}

function asJson({ reasons, ...tally }: Tally): object {
  return { ...tally, reasons: Object.fromEntries(reasons.counts()) };
}

/** @param isAll whether every store could be read: else one of them may have what is staged, too */
function tableOf(kept: readonly Tally[], held: readonly StagedRun[], isAll: boolean): string {
  const table = new Table({
    head: ['where', 'run', 'created', 'open', 'replayed', 'most frequent reason'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const { store, table: name, run, at, open, replayed, reasons } of kept) {
    const [[reason] = ['']] = reasons.counts();
    table.push([printable(`${store}/${name}`), printable(run), at, open, replayed, printable(reason, 80)]);
  }
  for (const { run, records, rejected } of held) {
    table.push([isAll ? 'staged only' : 'staged', printable(run), '', rejected, '', `of ${records} records`]);
  }
  return table.toString();
}
