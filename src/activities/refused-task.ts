import { ApplicationFailure } from '@temporalio/common';
import { TASK_GONE } from '../domain/failures.js';
import { isOutage, isUnknownToService, serviceFact } from '../task-service/service-facts.js';
import { TaskPausedError, TaskServiceError } from '../task-service/task-service-error.js';
import type { TaskService } from '../task-service/task-service.js';

/**
 * Why a run was refused, where the task is to blame: it was deleted or paused since it was found. The codes that the
 * service uses for it are not documented, so the task is read.
 *
 * @param isOurs whether it can be made again
 * @returns 'active': it is to blame no more, or never was; undefined: something else is
 * @throws TaskServiceError where the task cannot be read at the moment; the signal's reason
 */
export async function refusedTask(
  service: TaskService,
  { taskId, isOurs }: { readonly taskId: string; readonly isOurs: boolean },
  refusal: unknown,
  signal: AbortSignal,
): Promise<ApplicationFailure | TaskPausedError | 'active' | undefined> {
  if (!(refusal instanceof TaskServiceError)) return undefined;
  const { meaning, failure } = serviceFact(refusal, false);
  const mayBeTheTask = meaning === 'refused' && (failure === 'NotFound' || failure === 'TaskRejected');
  if (!mayBeTheTask || refusal.status === 402) return undefined;
  const status = await statusOf(service, taskId, signal);
  if (status === 'paused') return new TaskPausedError(taskId);
  if (status === 'active') return status;
  if (!isOurs || status === undefined) return undefined;
  return ApplicationFailure.nonRetryable(`task ${taskId} is ${status}: ${refusal.message}`, TASK_GONE, { taskId });
}

async function statusOf(service: TaskService, taskId: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await service.tasks.get(taskId, signal)).status ?? undefined;
  } catch (error) {
    if (isUnknownToService(error)) return 'deleted';
    if (error instanceof TaskServiceError && !isOutage(error, false)) return undefined;
    throw error;
  }
}
