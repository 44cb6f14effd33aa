import type { Account } from './account.js';
import type { Load } from './load.js';

/** Where a contestant works. */
export interface Ground {
  readonly account: Account;
  readonly load: Load;
  readonly temporalAddress: string;
  /** To be told when a contestant first knows of an execution's end, which was at a moment: Unix milliseconds. */
  readonly onEndSeen: (endedAt: number) => void;
}

/** Somebody who keeps as many runs open as the load says, until it is stopped. */
export type Contestant = (ground: Ground) => Promise<{ stop(): Promise<void> }>;
