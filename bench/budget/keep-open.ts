import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.js';

const STARTED_AT_ONCE = 20;

/** Starts runs, and another one for each that was exported, until it is stopped. */
export function keepOpen(account: Account, open: number, start: (run: number) => Promise<void>) {
  const over = new AbortController();
  async function work(): Promise<void> {
    let started = 0;
    while (!over.signal.aborted) {
      const missing = Math.min(account.exported() + open - started, STARTED_AT_ONCE);
      await Promise.all(Array.from({ length: missing }, async (_, index) => start(started + index)));
      started += missing;
      if (missing < STARTED_AT_ONCE) await sleep(250);
    }
  }
  const working = work();
  return {
    async stop(): Promise<void> {
      over.abort();
      await working;
    },
  };
}
