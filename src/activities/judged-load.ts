import { ApplicationFailure } from '@temporalio/common';
import { HELD, type FailureDetails } from '../domain/failures.js';
import { judgePublication } from '../domain/gate.js';
import type { Expectations, PublishReceipt } from '../domain/run.js';
import { LoadHeld, type Load, type Store } from '../stores/store.js';

/** The gate of a publication, and whether it is only tried. */
export interface Judging {
  readonly expect?: Expectations;
  /** Says what would come of it. Nothing is published. */
  readonly isRehearsal?: boolean;
}

/**
 * Publishes a load where its gate lets it: the store's own rejects count, too. The workflow says how it goes on.
 *
 * @throws ApplicationFailure `Held` with what is wrong; StoreError and what else publishing throws
 */
export async function publishJudged(
  store: Store,
  load: Omit<Load, 'judge' | 'isRehearsal'>,
  { expect = {}, isRehearsal = false }: Judging,
  details: FailureDetails,
): Promise<PublishReceipt> {
  const { publication, run, rejected: known } = load;
  const last = expect.maxDrop === undefined ? undefined : await store.lastRows(publication.table, run);
  const judge: Load['judge'] = (counts, why) =>
    judgePublication({ ...counts, refused: counts.rejected - known, why, last }, expect, publication);
  try {
    return await store.publish({ ...load, judge, isRehearsal });
  } catch (error) {
    if (!(error instanceof LoadHeld)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, HELD, details);
  }
}
