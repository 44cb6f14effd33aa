import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { SummedBatches } from '../activities/for-each/publish-batches.js';
import type { RunForEachInput } from '../domain/for-each.js';
import { judge } from '../domain/gate.js';
import type { PublishReceipt } from '../domain/run.js';
import { shellCommand } from '../domain/shell-command.js';
import { findDrop, wasPublished } from './pass-gate.js';
import type { Proxies } from './proxies.js';

/**
 * Judges all batches of a step together, before anything of it is published.
 *
 * @param passedOver how many values were no URLs, which may be why there are few rows
 * @throws ApplicationFailure `ExpectationFailed`, which says how to publish it all the same
 */
export async function passStepGate(
  { run, options: { expect = {}, publish = [] } }: RunForEachInput,
  proxies: Proxies,
  counts: SummedBatches,
  passedOver: number,
): Promise<void> {
  const rows = counts.records - counts.rejected;
  const problem =
    judge(counts, expect, publish.length > 0) ?? (await findDrop(proxies, run, expect.maxDrop, rows, publish));
  if (problem !== undefined) throw heldStep({ ...counts, passedOver }, problem, publish.length > 0, []);
}

/** The failure of a step whose results a gate holds back. */
export function heldStep(
  { batches, passedOver }: Pick<SummedBatches, 'batches'> & { readonly passedOver: number },
  problem: string,
  hasMore: boolean,
  published: readonly PublishReceipt[],
): Error {
  const release = shellCommand('release', workflowInfo().workflowId);
  const cure = hasMore ? `; publish it all the same: ${release}` : '';
  const left = passedOver === 0 ? '' : `; values passed over that are no URLs: ${passedOver}`;
  const message = `all ${batches} batches: ${problem}${left}; ${wasPublished(published)}, the exports stay staged${cure}`;
  return ApplicationFailure.nonRetryable(message, 'ExpectationFailed');
}
