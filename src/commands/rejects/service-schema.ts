import { loadForeignText, loadTitanConfig } from '../../config.js';
import type { Json } from '../../domain/json.js';
import { TaskServiceError } from '../../task-service/task-service-error.js';
import { createTaskService, type TaskService } from '../../task-service/task-service.js';
import { UserError } from '../../user-error.js';
import { say } from '../terminal.js';
import { openStagedRuns } from './staged-runs.js';

/**
 * Returns the schema that the task of an execution has at the service now; where the service does not know it, or does not
 * answer, the one by which its records were judged, as it is staged.
 *
 * @param run that the execution belongs to
 * @throws UserError where neither tells
 */
export async function schemaOfExecution(executionId: string, run: string): Promise<Json | undefined> {
  try {
    return await ask(async (service) => {
      const { task_id: taskId } = await service.executions.get(executionId);
      return taskId == null ? undefined : (await service.tasks.get(taskId)).output_schema;
    });
  } catch (error) {
    if (!(error instanceof UserError && error.cause instanceof TaskServiceError)) throw error;
    const staged = await (await openStagedRuns())?.task(run, executionId);
    if (staged === undefined) throw error;
    say(`${error.cause.message}; the schema counts by which the records of execution ${executionId} were judged`);
    return staged.schema;
  }
}

/** @throws UserError */
export function schemaOfTask(taskId: string): Promise<Json | undefined> {
  return ask(async (service) => (await service.tasks.get(taskId)).output_schema);
}

async function ask<Answer>(question: (service: TaskService) => Promise<Answer>): Promise<Answer> {
  try {
    return await question(createTaskService({ ...loadTitanConfig(), foreignText: loadForeignText() }));
  } catch (error) {
    if (!(error instanceof TaskServiceError)) throw error;
    const { status = 503 } = error;
    const isRefusal = status >= 400 && status < 500 && status !== 429;
    throw new UserError(isRefusal ? 2 : 3, `${error.message}; or say which schema counts: --schema FILE`, {
      cause: error,
    });
  }
}
