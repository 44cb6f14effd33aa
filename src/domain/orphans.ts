/** Orphans: live executions of our tasks that no workflow owns. They are billed, and nobody waits for their rows. */

import type { FollowOptions } from './run.js';

/** What is done with orphans. `adopt`: they are followed to their end. */
export const SWEEP_POLICIES = ['report', 'adopt', 'stop'] as const;

export type SweepPolicy = (typeof SWEEP_POLICIES)[number];

/** Input of the workflow `sweepOrphans`. */
export interface SweepInput {
  /** Default `report`. */
  readonly policy?: SweepPolicy;
  /** Default 15 minutes: a run that is in doubt may still claim what is younger. */
  readonly olderThan?: string;
  /** How adopted executions are followed. */
  readonly follow?: FollowOptions;
}

export interface Orphan {
  readonly executionId: string;
  readonly taskId: string;
  /** As the user gave it, without our mark. */
  readonly taskName?: string;
  /** In the service's words. */
  readonly status: string;
  /** RFC 3339 in UTC; absent where the service does not say. */
  readonly createdAt?: string;
  /** `lost`: somebody else claimed it in the meantime. */
  readonly action: 'reported' | 'adopted' | 'stopped' | 'lost';
}

export interface SweepResult {
  /** Live executions looked at, whosever they are. */
  readonly looked: number;
  /** Orphans among them. */
  readonly found: number;
  /** The first {@link MOST_LISTED} of them. */
  readonly orphans: readonly Orphan[];
  /** Whether the service showed all there are. */
  readonly isComplete: boolean;
}

export const MOST_LISTED = 100;
export const OLDER_THAN_MS = 15 * 60_000;

type Dated = Pick<Orphan, 'createdAt'>;

/**
 * Whether whoever started an execution had the time to claim it. Where its age is not known it counts as old: see
 * {@link treatmentOf}.
 *
 * @param now Unix milliseconds by the service's clock
 */
export function isOldEnough({ createdAt }: Dated, now: number, olderThanMs: number): boolean {
  return createdAt === undefined || Date.parse(createdAt) < now - olderThanMs;
}

/** What to do with an orphan: one of unknown age may have been started a moment ago, so it is only reported. */
export function treatmentOf({ createdAt }: Dated, policy: SweepPolicy): SweepPolicy {
  return createdAt === undefined ? 'report' : policy;
}
