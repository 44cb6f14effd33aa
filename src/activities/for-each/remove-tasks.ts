import { Context } from '@temporalio/activity';
import type { StepPlace } from '../../domain/batch-ref.js';
import { isUnknownToService } from '../../task-service/service-facts.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { openStepFiles } from './step-files.js';

/** Heartbeat details: another worker goes on from there. */
interface RemovalMark {
  readonly removed: number;
}

export function createTaskRemoval({ service, staging }: ActivityDependencies) {
  return {
    /** Deletes the tasks of a step's batches: they were made for them, and are this installation's. */
    removeTasks({ run }: StepPlace): Promise<void> {
      return attempt({ paid: true }, async ({ signal, note }) => {
        const notes = await openStepFiles(staging, run).readManifest();
        const taskIds = [...new Set(notes.map(({ taskId }) => taskId))];
        for (let at = removedBefore(); at < taskIds.length; at++) {
          await service.tasks.delete(taskIds[at] ?? '', signal).catch(unlessGone);
          note({ removed: at + 1 } satisfies RemovalMark);
        }
      });
    },
  };
}

function removedBefore(): number {
  const mark: unknown = Context.current().info.heartbeatDetails;
  return typeof mark === 'object' && mark !== null && 'removed' in mark ? Number(mark.removed) : 0;
}

function unlessGone(error: unknown): void {
  if (!isUnknownToService(error)) throw error;
}
