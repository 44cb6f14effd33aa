import { listRuns, type ListedWorkflow } from '../client/list-runs.js';
import { loadClientConfig } from '../config.js';
import type { RunStatus } from '../domain/run-status.js';
import { UserError } from '../user-error.js';
import { withClient } from './connect.js';
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
    const runs = await listRuns(client, filter);
    print(json === true ? JSON.stringify(runs) : asText(shown(runs), filter));
  });
}

function asText(runs: readonly ListedWorkflow[], { limit }: { readonly limit: number }): string {
  if (runs.length === 0) return 'there are no such runs';
  const rows = runs.map(({ workflowId, status, executionStatus, startedAt, endedAt, rows }) => [
    workflowId,
    status,
    shortTime(startedAt),
    secondsBetween(startedAt.toISOString(), (endedAt ?? new Date()).toISOString()),
    rows === undefined ? '' : String(rows),
    executionStatus ?? '',
  ]);
  const table = plainTable(['id', 'status', 'started', 'seconds', 'rows', 'execution'], rows);
  return runs.length < limit ? table : `${table}\nand perhaps more: see --limit, --pipeline and --status`;
}
