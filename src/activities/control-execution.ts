import { isLive } from '../domain/status.js';
import { TaskServiceError } from '../task-service/task-service-error.js';
import { attempt } from './attempt.js';
import type { ActivityDependencies } from './activities.js';
import { factsOf, type ExecutionFacts } from './execution-facts.js';

export function createControl({ service }: ActivityDependencies) {
  return {
    /** One fresh look. */
    readExecution(executionId: string): Promise<ExecutionFacts> {
      return attempt({ paid: true, details: { executionId } }, async ({ signal }) =>
        factsOf(await service.executions.get(executionId, signal)),
      );
    },

    /**
     * Stops a remote execution. One that has ended in the meantime is fine: the service refuses to stop it, under a
     * code that no page names, so it is read again.
     */
    stopExecution(executionId: string): Promise<void> {
      return attempt({ paid: true, details: { executionId } }, async ({ signal }) => {
        try {
          await service.executions.stop(executionId, signal);
        } catch (error) {
          if (!(error instanceof TaskServiceError) || error.status === undefined || error.status >= 500) throw error;
          const execution = await service.executions.get(executionId, signal);
          if (isLive(execution.status)) throw error;
        }
      });
    },
  };
}
