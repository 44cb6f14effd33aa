import { createdAt, errorText, type Execution } from '../task-service/wire.js';

/** How an execution stands or ended, in the service's words. */
export interface ExecutionFacts {
  readonly status: string;
  readonly taskId?: string;
  /** RFC 3339 in UTC, by the service's clock. */
  readonly createdAt?: string;
  readonly error?: string;
}

export function factsOf(execution: Execution): ExecutionFacts {
  const created = createdAt(execution);
  const error = errorText(execution);
  return {
    status: execution.status,
    ...(execution.task_id ? { taskId: execution.task_id } : {}),
    ...(created === undefined ? {} : { createdAt: created }),
    ...(error === undefined ? {} : { error }),
  };
}
