/**
 * How an execution stands, from the service's status word.
 *
 * The vendor's samples disagree on a status that no page names: some poll for ever, some stop. Here such a status
 * counts as live, because a run that is given up too early is paid for and lost, while one that is asked too long
 * still ends at its deadline.
 */
export type Standing = 'live' | 'completed' | 'partial' | 'failed' | 'cancelled';

const ENDED: ReadonlyMap<string, Standing> = new Map([
  ['completed', 'completed'],
  // Not in the vendor's status table, but terminal in two of its code samples.
  ['completed_with_errors', 'partial'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
]);

export function standingOf(status: string): Standing {
  return ENDED.get(status) ?? 'live';
}

export function isLive(status: string): boolean {
  return standingOf(status) === 'live';
}

/** Whether an execution that ended so counts as a good end for the caller. */
export function isAccepted(status: string, accept: 'completed' | 'partial'): boolean {
  const standing = standingOf(status);
  return standing === 'completed' || (standing === 'partial' && accept === 'partial');
}
