import { loadForeignText, loadTitanConfig } from '../../config.js';
import type { Json } from '../../domain/json.js';
import { TaskServiceError } from '../../task-service/task-service-error.js';
import { createTaskService, type TaskService } from '../../task-service/task-service.js';
import { UserError } from '../../user-error.js';

/** The schema that the task of an execution has at the service now. @throws UserError */
export function schemaOfExecution(executionId: string): Promise<Json | undefined> {
  return ask(async (service) => {
    const { task_id: taskId } = await service.executions.get(executionId);
    return taskId == null ? undefined : (await service.tasks.get(taskId)).output_schema;
  });
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
