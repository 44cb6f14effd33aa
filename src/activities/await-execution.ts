import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Budget } from '../task-service/budget/budget.js';
import { concernsOneAlone } from '../task-service/service-facts.js';
import { attempt } from './attempt.js';
import type { ActivityDependencies } from './activities.js';
import { factsOf, type ExecutionFacts } from './execution-facts.js';
import { failureOf } from './failures.js';
import { readEnd } from './staged-end.js';

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
  /** Since when the service has not answered, how often it was asked since, and what went wrong the last time. */
  readonly outage?: { readonly since: string; readonly looks: number; readonly reason: string };
  /** Since when, and how often, the service itself said that it does not know the execution. */
  readonly missing?: { readonly since: string; readonly looks: number };
  /** Of the worker that waits, at its last look; absent where there is no limit. */
  readonly budget?: RequestBudget;
}

/** Requests to the service in a minute. */
export interface RequestBudget {
  readonly limit: number;
  /** Absent while it is not known. */
  readonly remaining?: number;
}

export function createWaiting({ watcher, budget, staging }: ActivityDependencies) {
  return {
    /**
     * Waits until the execution has ended, or was paused or resumed. One attempt lasts as long as it takes, through the
     * service's outages too: they are the same for all who wait. Of one whose results are staged the end is known, and the
     * service is not asked.
     */
    awaitExecution(input: AwaitExecutionInput): Promise<ExecutionFacts> {
      const { executionId, isPaused, giveUpAfterMs } = input;
      const details = { executionId };
      return attempt({ paid: true, details }, async ({ signal, report, note }) => {
        const staged = await readEnd(staging, executionId);
        if (staged) return staged.ended;
        let mark = lastMark();
        const noteTrouble = (error: unknown): Error => {
          const now = Date.now();
          const first = { since: iso(now), looks: 0 };
          const outage = mark.outage ?? first;
          // A service that comes back may lag behind: how long it was away does not count.
          const missing = concernsOneAlone(error) ? (mark.missing ?? first) : undefined;
          const { since, looks } = missing ?? outage;
          const triedForMs = now - Date.parse(since);
          const failure = failureOf(error, { paid: true, details, attempt: looks + 1, triedForMs });
          mark = {
            ...mark,
            outage: { since: outage.since, looks: outage.looks + 1, reason: failure.message },
            ...(missing ? { missing: { since, looks: looks + 1 } } : {}),
          };
          return failure;
        };
        const watching = watcher.watch({
          executionId,
          signal,
          until: ({ status }) => isPaused !== undefined && (status === 'paused') !== isPaused,
          onLook({ status }, nextLookInMs) {
            const now = Date.now();
            const isNews = mark.status !== status || mark.outage !== undefined;
            mark = { status, lastLookAt: iso(now), nextLookAt: iso(now + nextLookInMs), ...budgetNow(budget) };
            (isNews ? report : note)(mark);
          },
          onTrouble(error, nextLookInMs) {
            const failure = noteTrouble(error);
            mark = { ...mark, nextLookAt: iso(Date.now() + nextLookInMs) };
            report(mark);
            const since = mark.outage?.since ?? '';
            if (Date.now() - Date.parse(since) > giveUpAfterMs) throw givenUp(failure, since);
          },
        });
        const execution = await watching.catch((error: unknown) => {
          if (!concernsOneAlone(error)) throw error;
          // The mark outlives this attempt: what counts is since when, and not how often, there was no good answer.
          const failure = noteTrouble(error);
          report(mark);
          throw failure;
        });
        return factsOf(execution);
      });
    },
  };
}

function lastMark(): WaitMark {
  const details: unknown = Context.current().info.heartbeatDetails;
  return typeof details === 'object' && details !== null ? details : {};
}

function budgetNow(budget: Pick<Budget, 'state'>): Pick<WaitMark, 'budget'> {
  const { limit, remaining } = budget.state();
  if (limit === undefined) return {};
  return { budget: { limit, ...(remaining === undefined ? {} : { remaining: Math.floor(remaining) }) } };
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
