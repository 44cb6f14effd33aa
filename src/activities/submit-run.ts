import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { executionWorkflowId } from '../domain/ids.js';
import type { RunTaskInput } from '../domain/run.js';
import { findUnownedExecution } from '../task-service/find-unowned-execution.js';
import { outcomeOfFailedRun } from '../task-service/run-outcome.js';
import { attempt, type Attempt } from './attempt.js';
import type { ActivityDependencies } from './activities.js';
import { delayBefore, failureOf } from './failures.js';

export interface SubmitRunInput {
  readonly taskId: string;
  /** When the workflow recorded that it wants a run, RFC 3339. */
  readonly intendedAt: string;
  /** Whether this workflow may have sent a request before: then the first attempt looks too. */
  readonly lookFirst: boolean;
  /** Looks and sends nothing: for a workflow that was cancelled with a request in flight. */
  readonly onlyLook: boolean;
  readonly onUnknown: NonNullable<RunTaskInput['onUnknown']>;
  readonly secretPayload?: Readonly<Record<string, string>>;
}

/** `executionId` is absent only where `onlyLook` found nothing. */
export interface SubmittedRun {
  readonly executionId?: string;
  readonly adopted: boolean;
}

/** What the next attempt must know of this one. */
interface SubmitMark {
  readonly nothingSent: boolean;
}

/** A request whose answer was lost may still be on its way into the service's lists. */
const SETTLE_MS = 3_000;

/**
 * Starts one execution. The request is billed and has no idempotency key, so every attempt after the first looks for
 * what the one before may have started, unless that one is known to have sent nothing.
 */
export function createSubmission({ service, tasks, secrets }: ActivityDependencies) {
  async function look(input: SubmitRunInput, signal: AbortSignal): Promise<SubmittedRun | undefined> {
    const { client } = Context.current();
    const sighting = await findUnownedExecution(service, {
      taskId: input.taskId,
      since: input.intendedAt,
      signal,
      async isOwned(executionId) {
        try {
          await client.workflow.getHandle(executionWorkflowId(executionId)).describe();
          return true;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      },
    });
    if (sighting.kind === 'undecidable') throw unknownOutcome(input, sighting.reason, true);
    return sighting.kind === 'found' ? { executionId: sighting.executionId, adopted: true } : undefined;
  }

  async function send(input: SubmitRunInput, current: Attempt): Promise<SubmittedRun> {
    current.report({ nothingSent: false } satisfies SubmitMark);
    try {
      const execution = await service.tasks.run(input.taskId, secrets.resolveAll(input.secretPayload), current.signal);
      return { executionId: execution.id, adopted: false };
    } catch (error) {
      const outcome = outcomeOfFailedRun(error);
      if (outcome.kind === 'accepted') return { executionId: outcome.executionId, adopted: false };
      if (outcome.kind === 'unknown') {
        throw unknownOutcome(input, error instanceof Error ? error.message : String(error), input.onUnknown === 'fail');
      }
      current.report({ nothingSent: true } satisfies SubmitMark);
      const failure = failureOf(error, { attempt: current.number, paid: false, details: { taskId: input.taskId } });
      if (failure instanceof ApplicationFailure && failure.type === 'NotFound') await tasks.forget(input.taskId);
      throw failure;
    }
  }

  return {
    submitRun(input: SubmitRunInput): Promise<SubmittedRun> {
      return attempt({ paid: false, details: { taskId: input.taskId } }, async (current) => {
        const mayHaveSent = input.lookFirst || (current.number > 1 && !sentNothing());
        if (input.onlyLook) return (await look(input, current.signal)) ?? { adopted: false };
        if (mayHaveSent && input.onUnknown === 'fail') {
          throw unknownOutcome(input, 'the worker that sent it is gone', true);
        }
        const adopted = mayHaveSent && input.onUnknown === 'adopt' ? await look(input, current.signal) : undefined;
        return adopted ?? (await send(input, current));
      });
    },
  };
}

function sentNothing(): boolean {
  const mark: unknown = Context.current().info.heartbeatDetails;
  return typeof mark === 'object' && mark !== null && 'nothingSent' in mark && mark.nothingSent === true;
}

function unknownOutcome(input: SubmitRunInput, reason: string, isFinal: boolean): ApplicationFailure {
  const cure = isFinal
    ? `look at the task's executions in the dashboard; follow the one that was started with \`executionId\`, or start again`
    : 'the next attempt looks for it before anything is sent again';
  return ApplicationFailure.create({
    type: 'RunOutcomeUnknown',
    message: `whether a run of task ${input.taskId} was started is not known: ${reason}; ${cure}`,
    nonRetryable: isFinal,
    nextRetryDelay: SETTLE_MS + delayBefore(Context.current().info.attempt + 1),
    details: [{ taskId: input.taskId }],
  });
}
