import { listRuns, type ListedWorkflow } from '../client/list-runs.js';
import { readListedEnds, type ListedEnd } from '../client/read-listed-end.js';
import { loadClientConfig } from '../config.js';
import { listedWords } from '../domain/ending-words.js';
import type { RunStatus } from '../domain/run-status.js';
import { shellCommand } from '../domain/shell-command.js';
import { UserError } from '../user-error.js';
import { withClient } from './connect.js';
import { isHeldByGate } from './next-commands.js';
import { plainTable, shortTime } from './plain-table.js';
import { secondsBetween } from './show-outcome.js';
import { print } from './terminal.js';
import { shown } from '../printable.js';

export interface ListOptions {
  readonly pipeline?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `titanflow list`: runs, newest first, as the server's list has them. */
export async function list({ json, ...filter }: ListOptions): Promise<void> {
  if (filter.limit === 0) throw new UserError(2, '--limit 0: must be 1 or more');
  await withClient(loadClientConfig(), async (client) => {
    const listed = await listRuns(client, filter);
    const ends = await readListedEnds(client, listed);
    const runs = listed.map((run, at): Listed => ({ ...run, ...ends[at], ...heldIn(ends[at]) }));
    print(json === true ? JSON.stringify(runs) : asText(shown(runs), filter));
  });
}

type Listed = ListedWorkflow & ListedEnd & { readonly held?: boolean };

function heldIn({ failure }: ListedEnd = {}): { readonly held?: boolean } {
  return failure !== undefined && isHeldByGate(failure) ? { held: true } : {};
}

/** What the numbers do not say: how much of it is new, what was lost, and what to do about it. */
function outcomeOf({ workflowId, tally, failure, held, released }: Listed, isLast: boolean): string {
  // What went on from it has the same id, and is what can be released.
  if (held === true) return `! held by a gate${isLast ? `: ${shellCommand('release', workflowId)}` : ''}`;
  if (failure !== undefined) return failure.type;
  return tally === undefined ? '' : listedWords(tally, released === true);
}

function asText(runs: readonly Listed[], { limit }: { readonly limit: number }): string {
  if (runs.length === 0) return 'there are no such runs';
  const rows = runs.map((run) => [
    run.workflowId,
    run.status,
    shortTime(run.startedAt),
    secondsBetween(run.startedAt.toISOString(), (run.endedAt ?? new Date()).toISOString()),
    run.rows === undefined ? '' : String(run.rows),
    run.executionStatus ?? '',
    outcomeOf(run, runs.find(({ workflowId }) => workflowId === run.workflowId) === run),
  ]);
  const table = plainTable(['id', 'status', 'started', 'seconds', 'rows', 'execution', 'outcome'], rows);
  return runs.length < limit ? table : `${table}\nand perhaps more: see --limit, --pipeline and --status`;
}
