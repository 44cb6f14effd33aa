import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { pipelineWorkflowId } from '../domain/ids.js';
import { RELEASED } from '../domain/released.js';
import { runStatus, type RunStatus } from '../domain/run-status.js';
import { searchAttributes } from '../workflows/search-attributes.js';
import { searchValue } from './search-value.js';

export interface RunFilter {
  readonly pipeline?: string;
  readonly status?: RunStatus;
  /** The workflows that others have started, too: the steps of pipelines, the followers of executions. */
  readonly all?: boolean;
  readonly limit: number;
}

export interface ListedWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: RunStatus;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  readonly pipeline?: string;
  readonly executionId?: string;
  /** The last status in the service's words. */
  readonly executionStatus?: string;
  readonly rows?: number;
  /** Whether it published, or was to publish, what a gate had held. */
  readonly released?: boolean;
}

/** Runs as the server's list has them, newest first. The list is a moment behind. */
export async function listRuns(client: Client, filter: RunFilter): Promise<readonly ListedWorkflow[]> {
  const found: ListedWorkflow[] = [];
  for await (const info of client.workflow.list({ query: queryOf(filter), pageSize: Math.min(filter.limit, 1000) })) {
    if (found.push(listed(info)) >= filter.limit) break;
  }
  // The server puts what is open first.
  return found.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

function queryOf({ pipeline, status, all = false }: Omit<RunFilter, 'limit'>): string {
  return [
    `WorkflowType IN ('runTask', 'followExecution', 'runPipeline')`,
    ...(all ? [] : ['ParentWorkflowId IS NULL']),
    ...(status === undefined ? [] : [`ExecutionStatus = '${IN_QUERIES[status]}'`]),
    ...(pipeline === undefined ? [] : [`(${ofPipeline(pipeline)})`]),
  ].join(' AND ');
}

/** A run sets the attribute when its first worker looks at it; what it is called is known before. */
function ofPipeline(name: string): string {
  const { pipeline } = searchAttributes;
  return `${pipeline.name} = ${searchValue(name)} OR WorkflowId STARTS_WITH ${searchValue(pipelineWorkflowId(name, ''))}`;
}

function listed({
  workflowId,
  runId,
  type,
  status,
  startTime,
  closeTime,
  typedSearchAttributes,
  memo,
}: WorkflowExecutionInfo): ListedWorkflow {
  const known = {
    pipeline: typedSearchAttributes.get(searchAttributes.pipeline),
    executionId: typedSearchAttributes.get(searchAttributes.executionId),
    executionStatus: typedSearchAttributes.get(searchAttributes.status),
    rows: typedSearchAttributes.get(searchAttributes.rows),
    released: memo?.[RELEASED] === true ? true : undefined,
  };
  return {
    workflowId,
    runId,
    type,
    status: runStatus(status.name),
    startedAt: startTime,
    ...(closeTime === undefined ? {} : { endedAt: closeTime }),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  };
}

const IN_QUERIES: Readonly<Record<RunStatus, string>> = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Canceled',
  terminated: 'Terminated',
  'timed-out': 'TimedOut',
};
