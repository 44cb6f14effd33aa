import { OLDER_THAN_MS, type SweepInput, type SweepResult } from '../domain/orphans.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createProxies } from './proxies.js';
import { trackProgress } from './track-progress.js';

/** The next sweep is near: this one need not outlast a long outage. */
const GIVE_UP_AFTER_MS = 60 * 60_000;

/**
 * Looks once for live executions of this installation's tasks that no workflow owns, and reports, adopts or stops them.
 * Meant to be started by a Temporal Schedule.
 */
export async function sweepOrphans(input: SweepInput = {}): Promise<SweepResult> {
  const progress = trackProgress({ phase: 'running', waitingFor: 'the live executions to be looked at' });
  return endByContract(
    progress,
    () => ({}),
    async () => {
      const proxies = createProxies(GIVE_UP_AFTER_MS);
      const olderThanMs = millisecondsOr(input?.olderThan, OLDER_THAN_MS);
      const sweep = await proxies
        .wait('look for executions without an owner', GIVE_UP_AFTER_MS)
        .sweepExecutions(input, olderThanMs);
      progress.update({ sweep });
      return sweep;
    },
  );
}
