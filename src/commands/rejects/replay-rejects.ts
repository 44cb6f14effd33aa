import { executionIdIn } from '../../domain/ids.js';
import type { KeptReject, ReplayReceipt } from '../../stores/store.js';
import { shellCommand } from '../../domain/shell-command.js';
import { UserError } from '../../user-error.js';
import { mendRejects } from './mend-rejects.js';
import { printable } from '../../printable.js';
import type { Reasons } from './reasons.js';
import { readRules, type RuleOptions, type RulesFor } from './row-rules.js';
import { createUnreadable, noRejects, withStores, type NamedStore, type Unreadable } from './with-stores.js';
import { print, printJson } from '../terminal.js';

export interface ReplayOptions extends RuleOptions {
  readonly store?: string;
  readonly table?: string;
  readonly json?: boolean;
}

/** A table that the run was published to. */
interface Target extends NamedStore {
  readonly run: string;
  readonly table: string;
  readonly executionId: string;
  /** Rejects that were replayed before. */
  already: number;
}

interface Replayed extends ReplayReceipt {
  /** Of those that stay rejects. */
  readonly reasons: Reasons;
}

/**
 * `titanflow rejects replay RUN`: judges its rejects anew and publishes those that are valid now, table by table. That
 * others stay rejects is no failure.
 */
export async function replayRejects(id: string, options: ReplayOptions): Promise<void> {
  const run = executionIdIn(id) ?? id;
  const rulesFor = await readRules(options);
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort(new UserError(1, 'stopped; the tables not listed above are unchanged')));
  await withStores(options.store, async (stores) => {
    const unreadable = createUnreadable();
    const targets = await findTargets(stores, run, options.table, unreadable);
    if (targets.length === 0 && unreadable.count() > 0) return unreadable.report();
    if (targets.length === 0) throw new UserError(2, noRejects(run, stores));
    const told: object[] = [];
    for (const target of targets) {
      const replayed = await replay(target, rulesFor, stopped.signal);
      if (options.json === true) told.push(asJson(target, replayed));
      else print(asText(target, replayed).join('\n'));
    }
    if (options.json === true) printJson(told);
    unreadable.report();
  });
}

async function findTargets(
  stores: readonly NamedStore[],
  run: string,
  table: string | undefined,
  unreadable: Unreadable,
): Promise<readonly Target[]> {
  const targets = new Map<string, Target>();
  const filter = { run, replayed: true, ...(table === undefined ? {} : { table }) };
  for (const named of stores) {
    const { name, store } = named;
    for await (const rejects of unreadable.from(named, (each) => each.rejects(filter))) {
      for (const { table, execution: executionId, replayedAt } of rejects) {
        const key = JSON.stringify([name, table]);
        const target = targets.get(key) ?? { name, store, run, table, executionId, already: 0 };
        targets.set(key, target);
        if (replayedAt !== undefined) target.already += 1;
      }
    }
  }
  return [...targets.values()];
}

async function replay(
  { store, table, run, executionId, already }: Target,
  rulesFor: RulesFor,
  signal: AbortSignal,
): Promise<Replayed> {
  async function* read(): AsyncGenerator<readonly KeptReject[]> {
    for await (const batch of store.rejects({ run, table })) {
      signal.throwIfAborted();
      yield batch;
    }
  }
  const { columns, valid, invalid, reasons, rows } = await mendRejects(read, await rulesFor(executionId, run), signal);
  const receipt = valid === 0 ? NOTHING : await store.replay({ table, run, columns, rows: rows(), signal });
  if (receipt.rejected > 0)
    reasons.add(`the table cannot take it: see ${shellCommand('rejects show', run)}`, receipt.rejected);
  return { ...receipt, already: already + receipt.already, rejected: invalid + receipt.rejected, reasons };
}

const NOTHING: ReplayReceipt = {
  superseded: false,
  replayed: 0,
  already: 0,
  rejected: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  duplicates: 0,
};

function asJson({ name, table, run }: Target, { reasons, ...receipt }: Replayed): object {
  return { store: name, table, run, ...receipt, reasons: Object.fromEntries(reasons.counts()) };
}

function asText({ name, table, run }: Target, replayed: Replayed): string[] {
  const place = printable(`${name}/${table}, run ${run}`);
  if (replayed.superseded) return [`${place}: a newer replace took the place of its rows, nothing was replayed`];
  const done = (['inserted', 'updated', 'unchanged', 'duplicates'] as const)
    .filter((what) => replayed[what] > 0)
    .map((what) => `${replayed[what]} ${what}`);
  const how = done.length === 0 ? '' : ` (${done.join(', ')})`;
  return [
    `${place}: ${replayed.replayed} replayed${how}, ${replayed.rejected} stay rejects, ${replayed.already} were replayed before`,
    ...replayed.reasons.counts().map(([reason, count]) => `  ${count} × ${printable(reason)}`),
  ];
}
