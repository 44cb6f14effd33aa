import { ApplicationFailure } from '@temporalio/workflow';
import type { StagedExport } from '../activities/export-results.js';
import { judge, judgeDrop } from '../domain/gate.js';
import { executionWorkflowId } from '../domain/ids.js';
import type { Publication } from '../domain/run.js';
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
  if (problem === undefined) return;
  const release = `titanflow release ${executionWorkflowId(executionId)}`;
  const cure = publications.length > 0 ? `; publish it all the same: ${release}` : '';
  const message = `execution ${executionId}: ${problem}; nothing was published, the export stays staged${cure}`;
  throw ApplicationFailure.nonRetryable(message, 'ExpectationFailed');
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
