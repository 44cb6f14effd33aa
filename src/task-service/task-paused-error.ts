/** A person has paused the task at the service. It waits to be resumed: another one in its place would be a way around. */
export class TaskPausedError extends Error {
  override readonly name = 'TaskPausedError';
  readonly taskId: string;

  constructor(taskId: string) {
    super(`task ${taskId} is paused at the service; resume it there`);
    this.taskId = taskId;
  }
}
