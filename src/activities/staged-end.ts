import { z } from 'zod';
import type { RunTaskInput } from '../domain/run.js';
import { isDefinition } from '../domain/run.js';
import { isLive } from '../domain/status.js';
import { json } from '../pipeline-file/json-value.js';
import type { Staging } from '../staging/staging.js';
import type { TaskService } from '../task-service/task-service.js';
import type { ExecutionFacts } from './execution-facts.js';
import type { KnownTask, KnownTasks } from './known-task.js';
import { readStaged, stagedNames } from './staged-run.js';

const task = z.object({ id: z.string().exactOptional(), name: z.string(), schema: json.exactOptional() });
export const stagedEnd = z.object({
  ended: z.object({
    status: z.string(),
    taskId: z.string().exactOptional(),
    createdAt: z.string().exactOptional(),
    error: z.string().exactOptional(),
  }),
  task,
});

/** How an execution ended whose results are staged, and the task by which its rows were judged. */
export interface StagedEnd {
  readonly ended: ExecutionFacts;
  readonly task: KnownTask;
}

/** Returns what is written down of it beside the results: the service may have forgotten both by the time somebody goes on from there. */
export function endOf(ended: ExecutionFacts, { id, name, schema }: KnownTask): StagedEnd {
  const task = { ...(id === undefined ? {} : { id }), name, ...(schema === undefined ? {} : { schema }) };
  return { ended, task };
}

/** @returns undefined where it is not there. Whatever keeps it from being read, the service can be asked instead. */
export async function readEnd(staging: Staging, executionId: string): Promise<StagedEnd | undefined> {
  try {
    const { end } = await readStaged(staging, stagedNames(executionId, 'json').note, z.object({ end: stagedEnd }));
    return isLive(end.ended.status) ? undefined : end;
  } catch {
    return undefined;
  }
}

/** Looks at an execution: what is staged of it tells, and else the service. */
export async function executionOf(
  { staging, service }: { readonly staging: Staging; readonly service: TaskService },
  executionId: string,
  signal: AbortSignal,
): Promise<Pick<ExecutionFacts, 'status' | 'taskId'>> {
  const staged = await readEnd(staging, executionId);
  if (staged) return staged.ended;
  const { status, task_id: taskId } = await service.executions.get(executionId, signal);
  return { status, ...(taskId ? { taskId } : {}) };
}

/** Finds the task of an execution that is paid for. One given by id was as it is staged when the rows were judged. */
export async function taskOfExecution(
  { staging, knownTasks }: { readonly staging: Staging; readonly knownTasks: KnownTasks },
  executionId: string,
  wanted: RunTaskInput['task'],
  maxAgeMs: number,
  signal: AbortSignal,
): Promise<KnownTask> {
  const staged = isDefinition(wanted) ? undefined : await readEnd(staging, executionId);
  if (staged?.task.id !== undefined && 'id' in wanted && staged.task.id === wanted.id) return staged.task;
  return knownTasks.find(wanted, maxAgeMs, signal);
}
