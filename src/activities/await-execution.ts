import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { watchExecution } from '../task-service/watch-execution.js';
import { attempt } from './attempt.js';
import type { ActivityDependencies } from './activities.js';
import { factsOf, type ExecutionFacts } from './execution-facts.js';
import { failureOf } from './failures.js';

export interface AwaitExecutionInput {
  readonly executionId: string;
  /** How long the service may be out of reach before the wait is given up. */
  readonly giveUpAfterMs: number;
  /** Whether it is known to be paused: the wait ends when that changes. Left out: it does not. */
  readonly isPaused?: boolean;
}

/** Heartbeat details of a wait. They outlive a worker, and whoever describes the workflow can see them. */
export interface WaitMark {
  readonly status?: string;
  readonly lastLookAt?: string;
  readonly nextLookAt?: string;
  /** Since when the service has not answered, and how often it was asked since. */
  readonly outage?: { readonly since: string; readonly looks: number };
}

export function createWaiting({ service }: ActivityDependencies) {
  return {
    /** Waits until the execution has ended, or was paused or resumed. One attempt lasts as long as it takes; the service's outages are retried. */
    awaitExecution(input: AwaitExecutionInput): Promise<ExecutionFacts> {
      const details = { executionId: input.executionId };
      return attempt({ paid: true, details }, async ({ signal, report }) => {
        let mark = lastMark();
        try {
          const execution = await watchExecution(service, {
            executionId: input.executionId,
            signal,
            until: ({ status }) => input.isPaused !== undefined && (status === 'paused') !== input.isPaused,
            onLook(seen, nextLookInMs) {
              const now = Date.now();
              mark = { status: seen.status, lastLookAt: iso(now), nextLookAt: iso(now + nextLookInMs) };
              report(mark);
            },
          });
          return factsOf(execution);
        } catch (error) {
          if (signal.aborted) throw error;
          const outage = { since: mark.outage?.since ?? iso(Date.now()), looks: (mark.outage?.looks ?? 0) + 1 };
          report({ ...mark, outage } satisfies WaitMark);
          const failure = failureOf(error, { paid: true, details, attempt: outage.looks });
          const lastedMs = Date.now() - Date.parse(outage.since);
          throw lastedMs > input.giveUpAfterMs ? givenUp(failure, outage.since) : failure;
        }
      });
    },
  };
}

function lastMark(): WaitMark {
  const details: unknown = Context.current().info.heartbeatDetails;
  return typeof details === 'object' && details !== null ? details : {};
}

function givenUp(failure: Error, since: string): Error {
  if (!(failure instanceof ApplicationFailure)) return failure;
  return ApplicationFailure.create({
    ...(failure.type ? { type: failure.type } : {}),
    message: `given up: no good answer since ${since}: ${failure.message}`,
    nonRetryable: true,
    details: failure.details ?? [],
  });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
