import type { PublishMode } from '../domain/run.js';
import type { AppliedRows } from './load-receipt.js';
import type { Load, Replay } from './store.js';

/** How the run was published whose rejects are replayed. */
export interface ReplayTerms {
  readonly store: string;
  readonly owner: string;
  readonly mode: PublishMode;
  readonly key: readonly string[] | null;
  /** When its execution was created, RFC 3339. */
  readonly at: string;
}

/**
 * A replay as a load of the run's own. A table that a run replaced is its own until the next replace: what was mended
 * belongs to it, and is appended.
 */
export function replayLoad(
  { table, run, columns, rows, signal }: Replay,
  { owner, mode, key, at, store }: ReplayTerms,
): Load {
  const terms = mode === 'merge' ? { mode, key: key ?? [] } : { mode: 'append' as const };
  return {
    publication: { store, table, ...terms },
    run,
    owner,
    at,
    columns,
    records: 0,
    rejected: 0,
    rows,
    rejects: none(),
    signal,
    onProgress: () => undefined,
  };
}

async function* none(): AsyncGenerator<never> {}

export const NOTHING_APPLIED: AppliedRows = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0 };
