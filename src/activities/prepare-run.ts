import { ApplicationFailure } from '@temporalio/common';
import type { PipelineSpec, RunPipelineInput } from '../domain/pipeline.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { isDefinition } from '../domain/run.js';
import { refuseUnusableSchema } from '../rows/check-schema.js';
import { schemaColumns } from '../rows/columns.js';
import type { ExaminerOptions } from '../rows/examiner.js';
import { isOfOtherTask } from '../task-service/task-identity.js';
import { TaskPausedError } from '../task-service/task-service-error.js';
import type { Execution } from '../task-service/wire.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';
import { ownerOf, type KnownTask } from './known-task.js';
import { invalid, refuseBadInput, refuseUnknownStores } from './refuse-bad-input.js';

export interface PreparedRun {
  readonly taskId: string;
  /** When the run was wanted, by the service's clock; RFC 3339. */
  readonly intendedAt: string;
}

/** Oldest view of a task that is good enough: later changes show when it is run, and when its rows are examined. */
const FRESH_MS = 60_000;
/** The limit after a wait for a paused task: another worker may have seen that it was resumed. */
const RESUMED_MS = 2_000;

/** Everything that can be found wrong before anything is paid for. */
export function createPreparations({ service, tasks, knownTasks, stores, secrets }: ActivityDependencies) {
  async function checkStores(
    { publish = [], records }: RunTaskInput | FollowExecutionInput,
    pipeline: string | undefined,
    task: KnownTask,
  ): Promise<void> {
    const columns = schemaColumns(task.schema, records);
    for (const publication of publish) {
      await stores.get(publication.store).check(publication, ownerOf(pipeline, task), columns);
    }
  }

  return {
    /**
     * Checks input, secrets and stores of a run, and makes sure that its task exists.
     *
     * @param gone a task that turned out to be deleted: another one is found or made
     * @param wasResumed whether the task was paused a moment ago
     */
    prepareRun(
      input: RunTaskInput,
      pipeline: string | undefined,
      gone?: string,
      wasResumed?: boolean,
    ): Promise<PreparedRun> {
      return attempt({ paid: hasExecution(input) }, async ({ signal }) => {
        refuseBadInput('runTask', input);
        refuseUnknownStores(stores, input.publish);
        const secretNames = Object.values(input.secretPayload ?? {});
        for (const name of secretNames) secrets.resolve(name);

        const { task: wanted, executionId } = input;
        const execution = executionId === undefined ? undefined : await service.executions.get(executionId, signal);
        if (execution && !isDefinition(wanted)) refuseOtherTask(execution, wanted.id);
        const task = await knownTasks.find(wanted, wasResumed === true ? RESUMED_MS : FRESH_MS, signal);
        if (task.isDeleted === true && executionId === undefined) throw wasDeleted(task);
        if (task.executionType === 'scheduled') throw invalid(runsByItself(task));
        // A schema that no row could be judged by is better found before the rows are paid for.
        await refuseUnusableSchema(judgingOf(task, input), signal);
        await checkStores(input, pipeline, task);
        if (task.isPaused === true && executionId === undefined && task.id !== undefined) {
          throw new TaskPausedError(task.id);
        }
        // An execution that is paid for waits for no task: that may be paused by now, or deleted.
        const taskId = isDefinition(wanted)
          ? (execution?.task_id ?? (await tasks.ensure(wanted, secretNames, gone)))
          : wanted.id;
        return { taskId, intendedAt: new Date(service.clock.notAfterNow()).toISOString() };
      });
    },

    /** The same for an execution that is there already. */
    prepareFollow(input: FollowExecutionInput, pipeline: string | undefined): Promise<void> {
      return attempt({ paid: false, details: { executionId: input.executionId } }, async ({ signal }) => {
        refuseBadInput('followExecution', input);
        refuseUnknownStores(stores, input.publish);
        const execution = await service.executions.get(input.executionId, signal);
        if (input.task && !isDefinition(input.task)) refuseOtherTask(execution, input.task.id);
        const task = input.task ?? (execution.task_id ? { id: execution.task_id } : undefined);
        if (task === undefined || publishesNothing(input)) return;
        await checkStores(input, pipeline, await knownTasks.find(task, FRESH_MS, signal));
      });
    },

    /** Checks a pipeline as a whole, so that its last step's typing error is found before its first step is paid for. */
    preparePipeline(input: RunPipelineInput): Promise<void> {
      return attempt({ paid: false }, async () => {
        refuseBadInput('runPipeline', input);
        refuseUnknownStoresOf(input.pipeline);
        const secret = input.pipeline.onFailure?.secret;
        if (secret !== undefined) secrets.resolve(secret);
      });
    },
  };

  function refuseUnknownStoresOf({ steps }: PipelineSpec): void {
    for (const { publish, pipeline } of Object.values(steps)) {
      refuseUnknownStores(stores, publish);
      if (typeof pipeline === 'object') refuseUnknownStoresOf(pipeline);
    }
  }
}

/** Then there is no table to check, and the task need not be asked. */
function publishesNothing({ publish = [] }: FollowExecutionInput): boolean {
  return publish.length === 0;
}

/** Asked before the input is checked: it may be anything. */
function hasExecution(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'executionId' in input;
}

function judgingOf({ schema }: KnownTask, { format = 'json', records }: RunTaskInput): ExaminerOptions {
  return { outputSchema: schema, format, ...(records === undefined ? {} : { records }) };
}

function runsByItself({ id, name }: KnownTask): string {
  return `task ${id ?? `"${name}"`} is \`scheduled\`: the service runs and bills it by itself, for ever; use a task with execution_type \`single\` and a Temporal schedule`;
}

/** Refuses an execution of another task. Only a task given by id is compared: a definition says how the rows look. */
function refuseOtherTask(execution: Execution, taskId: string): void {
  if (!isOfOtherTask(execution, taskId)) return;
  throw invalid(
    `execution ${execution.id} is of task ${execution.task_id}, not of ${taskId}; give the task that it is of, or another execution`,
  );
}

function wasDeleted({ id }: KnownTask): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`task ${id} was deleted`, 'NotFound', { taskId: id });
}
