import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { StagedExport } from '../activities/export-results.js';
import { judge, judgeDrop } from '../domain/gate.js';
import { executionWorkflowId } from '../domain/ids.js';
import { HELD } from '../domain/failures.js';
import type { Expectations, Publication, PublishReceipt } from '../domain/run.js';
import { shellCommand } from '../domain/shell-command.js';
import type { FollowedRun } from './followed-run.js';
import type { Proxies } from './proxies.js';

/**
 * Judges what is staged before anything of it is published.
 *
 * @throws ApplicationFailure `ExpectationFailed`, which says how to publish it all the same
 */
export async function passGate(
  run: FollowedRun,
  { export: { records }, rejected }: StagedExport,
  publications: readonly Publication[],
): Promise<void> {
  const { executionId, expect = {} } = run.input;
  const counts = { records, rejected };
  const problem =
    judge(counts, expect, publications.length > 0) ??
    (await findDrop(run.proxies, executionId, expect.maxDrop, records - rejected, publications));
  if (problem !== undefined) throw heldExecution(run, problem, publications.length > 0);
}

/** The failure of an execution whose results a gate holds back. */
export function heldExecution({ input: { executionId }, done }: FollowedRun, problem: string, hasMore: boolean): Error {
  const release = shellCommand('release', executionWorkflowId(executionId));
  const cure = hasMore ? `; publish it all the same: ${release}` : '';
  const message = `execution ${executionId}: ${problem}; ${wasPublished(done.published)}, the export stays staged${cure}`;
  return ApplicationFailure.nonRetryable(message, 'ExpectationFailed');
}

/** Of several stores one may have taken what another one does not. */
export function wasPublished(published: readonly PublishReceipt[]): string {
  if (published.length === 0) return 'nothing was published';
  return `only to ${published.map(({ store, table }) => `${store}, table ${table}`).join(' and ')} it was published`;
}

/** Returns why publications failed, and what a gate has found in the first of them that a gate holds back. */
export function readOutcomes(outcomes: readonly PromiseSettledResult<unknown>[]): {
  readonly failures: readonly unknown[];
  readonly problem: string | undefined;
} {
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  return { failures, problem: failures.map(heldBack).find((found) => found !== undefined) };
}

/** What a gate has found when a store was about to publish; undefined for any other failure. */
function heldBack(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === HELD ? cause.message : undefined;
}

/**
 * With a gate of the user's and several stores, no store publishes what another one would hold back. A store that cannot say
 * so now is not waited for: it judges when it publishes.
 *
 * @param rehearse has a store say what would come of a publication
 * @returns what the first store holds back for
 */
export async function rehearseAll(
  expect: Expectations | undefined,
  publications: readonly Publication[],
  rehearse: (publication: Publication) => Promise<unknown>,
): Promise<string | undefined> {
  if (expect === undefined || publications.length < 2) return undefined;
  const { failures, problem } = readOutcomes(await Promise.allSettled(publications.map(rehearse)));
  const cancelled = failures.find(isCancellation);
  if (cancelled !== undefined) throw cancelled;
  return problem;
}

/** The stores are asked only where somebody wants to know. */
export async function findDrop(
  proxies: Proxies,
  run: string,
  maxDrop: number | undefined,
  rows: number,
  publications: readonly Publication[],
): Promise<string | undefined> {
  if (maxDrop === undefined || publications.length === 0) return undefined;
  const { readLastRows } = proxies.control('see how many rows were published last');
  const last = await readLastRows(run, publications);
  const problems = publications.map((publication, index) =>
    judgeDrop(rows, last[index] ?? undefined, maxDrop, publication),
  );
  return problems.find((problem) => problem !== undefined);
}
