import { setTimeout as sleep } from 'node:timers/promises';

/** Trouble that goes on until it is stopped. */
export interface Background {
  stop(): Promise<void>;
}

/** Does something again and again, with pauses between; the last round comes to its end. */
export function again(pauseMs: () => number, round: (signal: AbortSignal) => Promise<void>): Background {
  const stopped = new AbortController();
  async function goOn(): Promise<void> {
    while (!stopped.signal.aborted) {
      await rest(pauseMs(), stopped.signal);
      if (!stopped.signal.aborted) await round(stopped.signal);
    }
  }
  const going = goOn();
  return {
    async stop() {
      stopped.abort();
      await going;
    },
  };
}

/** Waits, or until the signal. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
