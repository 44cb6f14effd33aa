import { isLive } from '../domain/status.js';
import { serviceFact } from '../task-service/service-facts.js';
import { TaskServiceError } from '../task-service/task-service-error.js';
import type { Execution } from '../task-service/wire.js';
import { attempt } from './attempt.js';
import type { ActivityDependencies } from './activities.js';
import { isTakenOver } from './taken-over.js';
import { factsOf, type ExecutionFacts } from './execution-facts.js';

type Call = (executionId: string, signal: AbortSignal) => Promise<void>;

export function createControl({ service }: ActivityDependencies) {
  /** How the execution stands afterwards. A call that was refused is fine if it stands as wanted all the same. */
  function control(
    executionId: string,
    call: Call,
    isAsWanted: (execution: Execution) => boolean,
  ): Promise<ExecutionFacts> {
    return attempt({ paid: true, details: { executionId } }, async ({ signal }) => {
      const refusal = await call(executionId, signal).then(() => undefined, refusalIn);
      const execution = await service.executions.get(executionId, signal);
      if (refusal && !isAsWanted(execution)) throw refusal;
      return factsOf(execution);
    });
  }

  return {
    /** One fresh look. */
    readExecution(executionId: string): Promise<ExecutionFacts> {
      return attempt({ paid: true, details: { executionId } }, async ({ signal }) =>
        factsOf(await service.executions.get(executionId, signal)),
      );
    },

    pauseExecution: (executionId: string): Promise<ExecutionFacts> =>
      control(executionId, service.executions.pause, ({ status }) => status === 'paused'),

    /** One that nobody has paused is fine. */
    resumeExecution: (executionId: string): Promise<ExecutionFacts> =>
      control(executionId, service.executions.resume, ({ status }) => isLive(status) && status !== 'paused'),

    /**
     * Stops a remote execution. One that has ended in the meantime is fine: the service refuses to stop it, under a
     * code that no page names, so it is read again.
     *
     * @param unlessTakenOver leaves it running where a later run of a workflow above goes on with it
     * @returns null: it was left running
     */
    async stopExecution(executionId: string, unlessTakenOver = false): Promise<ExecutionFacts | null> {
      const isLeft = unlessTakenOver && (await attempt({ paid: true, details: { executionId } }, isTakenOver));
      return isLeft ? null : control(executionId, service.executions.stop, ({ status }) => !isLive(status));
    },
  };
}

/** Returns the service's own refusal. @throws any other error, after which the request may be tried again */
function refusalIn(error: unknown): TaskServiceError {
  const isAnswer =
    error instanceof TaskServiceError && ['refused', 'missing'].includes(serviceFact(error, true).meaning);
  if (isAnswer) return error;
  throw error;
}
