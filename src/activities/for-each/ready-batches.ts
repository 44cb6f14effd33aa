import { ApplicationFailure } from '@temporalio/common';
import type { BatchRef, StepPlace } from '../../domain/batch-ref.js';
import type { StagedBefore } from '../../domain/batches.js';
import { fillBatch } from '../../domain/references.js';
import { isWhole, whereThere } from '../staged-before.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { executionIdOf } from '../execution-id-of.js';
import type { PreparedRun } from '../prepare-run.js';
import { executionOf } from '../staged-end.js';
import { readFacts, stagedNames } from '../staged-run.js';
import type { Owners } from '../owners.js';
import { attemptsAt } from './stage-again.js';
import { openStepFiles, unlessGone, type BatchNote } from './step-files.js';

export interface MissingBatch {
  readonly batch: number;
  /** It is paid for; what became of it will show. */
  readonly executionId?: string;
  /** The attempt at which an execution that Temporal knows was started. */
  readonly attempt?: number;
  /** A workflow that an earlier run of the step has started for it, and that is not over yet. */
  readonly underWay?: string;
}

const ASK_AT_ONCE = 20;

export function createBatchPreparation({ service, tasks, staging, owners }: ActivityDependencies) {
  /** Whether a batch is staged. Once something was gone, its note is not enough: the files are looked at. */
  async function isStaged(note: BatchNote | undefined, isDoubted: boolean): Promise<boolean> {
    if (note === undefined) return false;
    const names = stagedNames(note.executionId, note.export.format);
    if (isDoubted) return isWhole(staging, names, note.export);
    return (await whereThere(() => readFacts(staging, names.facts))) !== undefined;
  }

  return {
    /**
     * Finds the batches that are not staged yet, and those of them that an earlier run of the step has paid for.
     *
     * @param again set where the step's files were gone
     */
    findMissing({ run }: StepPlace, first: number, last: number, again?: StagedBefore): Promise<MissingBatch[]> {
      return attempt({ paid: true }, async ({ signal }) => {
        const notes = await openStepFiles(staging, run).readNotes(first, last);
        const missing: MissingBatch[] = [];
        for (let at = 0; at < notes.length; at += ASK_AT_ONCE) {
          signal.throwIfAborted();
          const some = notes.slice(at, at + ASK_AT_ONCE);
          const found = some.map(async (note, index): Promise<readonly MissingBatch[]> => {
            const batch = first + at + index;
            if (await isStaged(note, again !== undefined)) return [];
            const before = await startedBefore(run, batch, owners);
            return [{ batch, ...before, ...(note === undefined ? {} : { executionId: note.executionId }) }];
          });
          missing.push(...(await Promise.all(found)).flat());
        }
        if (again !== undefined) requireKnown({ run }, again, last - first + 1, missing);
        return missing;
      });
    },

    /**
     * Makes sure that the task of a batch exists.
     *
     * @param gone a task that turned out to be deleted
     * @param executionId what is paid for already, and waits for no task: that may be paused by now
     */
    prepareBatch(
      { run, batch }: BatchRef,
      secretPayload: Readonly<Record<string, string>> = {},
      gone?: string,
      executionId?: string,
    ): Promise<PreparedRun> {
      return attempt({ paid: executionId !== undefined }, async ({ signal }) => {
        const files = openStepFiles(staging, run);
        const definition = await unlessGone(async () => {
          const { task } = await files.readTask();
          return fillBatch(task, await files.readValues(batch));
        });
        const execution =
          executionId === undefined ? undefined : await executionOf({ staging, service }, executionId, signal);
        const taskId = execution?.taskId ?? (await tasks.ensure(definition, Object.values(secretPayload), gone, true));
        return { taskId, intendedAt: new Date(service.clock.notAfterNow()).toISOString() };
      });
    },
  };
}

/** Reads what the last attempt at a batch has claimed, or that it is not over. */
async function startedBefore(run: string, batch: number, owners: Owners): Promise<Omit<MissingBatch, 'batch'>> {
  for (const { number, workflow } of await attemptsAt(run, batch)) {
    if (workflow.status.name === 'RUNNING') return { underWay: workflow.workflowId };
    const executionId = await executionIdOf(workflow, owners);
    if (executionId !== undefined) return { executionId, attempt: number };
  }
  return {};
}

/** Refuses to take batches for new that were staged, and so paid for, where Temporal has forgotten them. */
function requireKnown(
  { run }: StepPlace,
  { completed }: StagedBefore,
  batches: number,
  missing: readonly MissingBatch[],
): void {
  const known =
    batches - missing.filter(({ executionId, underWay }) => executionId === undefined && underWay === undefined).length;
  if (known >= completed) return;
  const message = `${completed} batches of ${run} were staged and are gone, and Temporal keeps the executions of ${known} only; nothing is started, or some would be paid for twice; start a new run, and keep workflows for longer (the namespace's retention)`;
  throw ApplicationFailure.nonRetryable(message, 'RunOutcomeUnknown');
}
