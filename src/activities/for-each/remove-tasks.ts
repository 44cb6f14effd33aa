import { Context } from '@temporalio/activity';
import type { StepPlace } from '../../domain/batch-ref.js';
import { isUnknownToService } from '../../task-service/service-facts.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { taskIdKey } from '../execution-id-key.js';
import { whereThere } from '../staged-before.js';
import { attemptsAt } from './stage-again.js';
import { openStepFiles } from './step-files.js';

/** Heartbeat details: another worker goes on from there. */
interface RemovalMark {
  readonly removed: number;
}

export function createTaskRemoval({ service, staging }: ActivityDependencies) {
  return {
    /** Deletes the tasks of a step's batches: they were made for them, and are this installation's. */
    removeTasks({ run }: StepPlace, batches: number): Promise<void> {
      return attempt({ paid: true }, async ({ signal, note }) => {
        const notes = await whereThere(() => openStepFiles(staging, run).readManifest());
        const taskIds = [...new Set(notes?.map(({ taskId }) => taskId) ?? (await tasksOf(run, batches)))];
        for (let at = removedBefore(); at < taskIds.length; at++) {
          await service.tasks.delete(taskIds[at] ?? '', signal).catch(unlessGone);
          note({ removed: at + 1 } satisfies RemovalMark);
        }
      });
    },
  };
}

/** Asks Temporal for the tasks of a step whose files are gone. */
async function tasksOf(run: string, batches: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let batch = 1; batch <= batches; batch += 1) {
    const [last] = await attemptsAt(run, batch);
    const taskId = last?.workflow.typedSearchAttributes.get(taskIdKey);
    if (taskId !== undefined) found.push(taskId);
  }
  return found;
}

function removedBefore(): number {
  const mark: unknown = Context.current().info.heartbeatDetails;
  return typeof mark === 'object' && mark !== null && 'removed' in mark ? Number(mark.removed) : 0;
}

function unlessGone(error: unknown): void {
  if (!isUnknownToService(error)) throw error;
}
