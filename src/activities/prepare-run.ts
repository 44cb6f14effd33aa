import { ApplicationFailure } from '@temporalio/common';
import type { PipelineSpec, RunPipelineInput } from '../domain/pipeline.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { isDefinition } from '../domain/run.js';
import { refuseUnusableSchema } from '../rows/check-schema.js';
import { schemaColumns } from '../rows/columns.js';
import type { ExaminerOptions } from '../rows/examiner.js';
import { isOfOtherTask } from '../task-service/task-identity.js';
import { TaskPausedError } from '../task-service/task-service-error.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';
import type { ExecutionFacts } from './execution-facts.js';
import { ownerOf, type KnownTask } from './known-task.js';
import { executionOf, taskOfExecution } from './staged-end.js';
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
export function createPreparations(dependencies: ActivityDependencies) {
  const { service, tasks, knownTasks, stores, secrets } = dependencies;

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
        const execution = executionId === undefined ? undefined : await executionOf(dependencies, executionId, signal);
        if (executionId !== undefined && execution && !isDefinition(wanted))
          refuseOtherTask(executionId, execution, wanted.id);
        const maxAgeMs = wasResumed === true ? RESUMED_MS : FRESH_MS;
        const task =
          executionId === undefined
            ? await knownTasks.find(wanted, maxAgeMs, signal)
            : await taskOfExecution(dependencies, executionId, wanted, maxAgeMs, signal);
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
          ? (execution?.taskId ?? (await tasks.ensure(wanted, secretNames, gone)))
          : wanted.id;
        return { taskId, intendedAt: new Date(service.clock.notAfterNow()).toISOString() };
      });
    },

    /** The same for an execution that is there already. */
    prepareFollow(input: FollowExecutionInput, pipeline: string | undefined): Promise<void> {
      return attempt({ paid: false, details: { executionId: input.executionId } }, async ({ signal }) => {
        refuseBadInput('followExecution', input);
        refuseUnknownStores(stores, input.publish);
        const { executionId } = input;
        const execution = await executionOf(dependencies, executionId, signal);
        if (input.task && !isDefinition(input.task)) refuseOtherTask(executionId, execution, input.task.id);
        const task = input.task ?? (execution.taskId === undefined ? undefined : { id: execution.taskId });
        if (task === undefined || publishesNothing(input)) return;
        const known = await taskOfExecution(dependencies, executionId, task, FRESH_MS, signal);
        await checkStores(input, pipeline, known);
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
function refuseOtherTask(executionId: string, { taskId: shown }: Pick<ExecutionFacts, 'taskId'>, taskId: string): void {
  if (!isOfOtherTask({ task_id: shown }, taskId)) return;
  throw invalid(
    `execution ${executionId} is of task ${shown}, not of ${taskId}; give the task that it is of, or another execution`,
  );
}

function wasDeleted({ id }: KnownTask): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`task ${id} was deleted`, 'NotFound', { taskId: id });
}
