import type { BatchRef, StepPlace } from '../../domain/batch-ref.js';
import { batchWorkflowId } from '../../domain/batches.js';
import { fillBatch } from '../../domain/references.js';
import { whereThere } from '../staged-before.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { executionIdKey } from '../execution-id-key.js';
import { describe } from '../owners.js';
import type { PreparedRun } from '../prepare-run.js';
import { readFacts, stagedNames } from '../staged-run.js';
import { openStepFiles, type BatchNote } from './step-files.js';

export interface MissingBatch {
  readonly batch: number;
  /** It is paid for; what became of it will show. */
  readonly executionId?: string;
}

const ASK_AT_ONCE = 20;

export function createBatchPreparation({ service, tasks, staging }: ActivityDependencies) {
  async function isStaged(note: BatchNote | undefined): Promise<boolean> {
    if (note === undefined) return false;
    const { facts } = stagedNames(note.executionId, note.export.format);
    return (await whereThere(() => readFacts(staging, facts))) !== undefined;
  }

  return {
    /** Which batches are not staged yet, and which of them an earlier run of the step has paid for. */
    findMissing({ run }: StepPlace, first: number, last: number): Promise<MissingBatch[]> {
      return attempt({ paid: true }, async ({ signal }) => {
        const notes = await openStepFiles(staging, run).readNotes(first, last);
        const missing: MissingBatch[] = [];
        for (let at = 0; at < notes.length; at += ASK_AT_ONCE) {
          signal.throwIfAborted();
          const some = notes.slice(at, at + ASK_AT_ONCE);
          const found = some.map(async (note, index): Promise<readonly MissingBatch[]> => {
            const batch = first + at + index;
            if (await isStaged(note)) return [];
            const executionId = note?.executionId ?? (await paidFor(run, batch));
            return [{ batch, ...(executionId === undefined ? {} : { executionId }) }];
          });
          missing.push(...(await Promise.all(found)).flat());
        }
        return missing;
      });
    },

    /** Makes sure that the task of a batch exists. @param gone a task that turned out to be deleted or paused */
    prepareBatch(
      { run, batch }: BatchRef,
      secretPayload: Readonly<Record<string, string>> = {},
      gone?: string,
    ): Promise<PreparedRun> {
      return attempt({ paid: false }, async () => {
        const files = openStepFiles(staging, run);
        const { task } = await files.readTask();
        const definition = fillBatch(task, await files.readValues(batch));
        const taskId = await tasks.ensure(definition, Object.values(secretPayload), gone, true);
        return { taskId, intendedAt: new Date(service.clock.notAfterNow()).toISOString() };
      });
    },
  };
}

/** What the last attempt at a batch has claimed. */
async function paidFor(run: string, batch: number): Promise<string | undefined> {
  for (const attemptNumber of [2, 1]) {
    const workflow = await describe(batchWorkflowId(run, batch, attemptNumber));
    const executionId = workflow?.typedSearchAttributes.get(executionIdKey);
    if (executionId !== undefined) return executionId;
  }
  return undefined;
}
