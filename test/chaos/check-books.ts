import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Client as PostgresClient } from 'pg';
import { executionWorkflowId } from '../../src/domain/ids.js';
import { isLive } from '../../src/domain/status.js';
import type { Ledger } from '../../src/emulator/ledger.js';
import { ROWS_OF_A_RUN } from './scenario.js';

/** How a run that somebody wanted has ended. */
export interface EndedRun {
  readonly workflowId: string;
  readonly end: 'completed' | 'cancelled' | 'terminated' | 'failed';
  readonly executionId?: string;
  readonly reason?: string;
}

export interface Books {
  /** Executions that were paid for beyond the one that each run may have. */
  readonly duplicates: readonly string[];
  /** Runs that did not end as they should. */
  readonly lost: readonly string[];
  /** Executions that are live, and followed by nobody who is. */
  readonly alone: readonly string[];
  /** Executions whose rows are not in the table exactly once. */
  readonly wrongRows: readonly string[];
}

/** Holds the service's ledger, the workflows and the table against each other. */
export async function checkBooks(
  runs: readonly EndedRun[],
  { executions }: Ledger,
  temporal: Client,
  postgres: PostgresClient,
): Promise<Books> {
  const paidBy = new Map<string, string>();
  const duplicates: string[] = [];
  const ownerless: string[] = [];
  const alone: string[] = [];
  for (const { id, status } of executions) {
    const follower = await followerOf(temporal, id);
    const run = follower?.parentId;
    if (run === undefined) ownerless.push(`${id}: paid, and no run has it (${status})`);
    else if (paidBy.has(run)) duplicates.push(`${id}: paid for ${run}, which has ${paidBy.get(run)}`);
    else paidBy.set(run, id);
    if (isLive(status) && follower?.isRunning !== true) alone.push(`${id}: ${status}`);
  }

  // What was on its way for a run when it was terminated is stopped by somebody else.
  const { length: maySend } = runs.filter(({ end, workflowId }) => end === 'terminated' && !paidBy.has(workflowId));
  duplicates.push(...ownerless.slice(maySend));

  const lost = runs.flatMap(({ workflowId, end, executionId, reason }) => {
    if (end === 'failed') return [`${workflowId}: ${reason ?? 'failed'}`];
    if (end !== 'completed' || paidBy.get(workflowId) === executionId) return [];
    return [`${workflowId}: its result is of ${executionId}, it paid for ${paidBy.get(workflowId) ?? 'none'}`];
  });
  return { duplicates, lost, alone, wrongRows: await wrongRows(runs, postgres) };
}

async function followerOf(temporal: Client, executionId: string) {
  try {
    const { parentExecution, status } = await temporal.workflow.getHandle(executionWorkflowId(executionId)).describe();
    return { parentId: parentExecution?.workflowId ?? undefined, isRunning: status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function wrongRows(runs: readonly EndedRun[], postgres: PostgresClient): Promise<string[]> {
  const { rows } = await postgres.query<{ execution: string; rows: number; different: number }>(
    'SELECT _titan_execution AS execution, count(*)::int AS rows, count(DISTINCT _titan_row)::int AS different FROM products GROUP BY 1',
  );
  const counts = new Map(rows.map((row) => [row.execution, row]));
  const missing = runs.flatMap(({ end, executionId = '' }) => {
    const count = counts.get(executionId)?.different ?? 0;
    return end === 'completed' && count !== ROWS_OF_A_RUN ? [`${executionId}: ${count} rows`] : [];
  });
  const double = rows.filter((row) => row.rows !== row.different).map(({ execution }) => `${execution}: double rows`);
  return [...missing, ...double];
}
