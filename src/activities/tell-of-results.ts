import { serviceFact } from '../task-service/service-facts.js';
import { TaskServiceError } from '../task-service/task-service-error.js';
import type { TaskService } from '../task-service/task-service.js';
import { failureContext, type AttemptOptions } from './attempt.js';
import { isWorthAnotherLook } from './failures.js';

/**
 * Adds what the service says of an execution's results to the last refusal of an export. Before that it is not asked: a
 * request is one that no run can have.
 *
 * @throws what it was given, or the same with more words
 */
export async function tellOfResults(
  service: TaskService,
  error: unknown,
  options: AttemptOptions & { readonly details: { readonly executionId: string } },
  signal: AbortSignal,
): Promise<never> {
  const isOver =
    error instanceof TaskServiceError &&
    serviceFact(error, true).meaning === 'not ready' &&
    !isWorthAnotherLook(error, failureContext(options));
  if (!isOver) throw error;
  const told = await service.results.describe(options.details.executionId, signal).catch(() => '');
  signal.throwIfAborted();
  throw told === '' ? error : error.saying(`the service says of them: ${told}`);
}
