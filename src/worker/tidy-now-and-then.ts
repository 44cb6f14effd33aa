import type { Logger } from '@temporalio/common';
import type { Staging } from '../staging/staging.js';
import { tidyStaging } from './tidy-staging.js';

export interface TidyingOptions {
  readonly staging: Pick<Staging, 'list'>;
  readonly keepMs: number;
  readonly isNeeded: (run: string) => Promise<boolean>;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

export interface Tidying {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const FIRST_AFTER_MS = 5 * 60_000;
const EVERY_MS = 60 * 60_000;

/** Tidies staging a while after the start, and then every hour or so: workers that share a place seldom meet. */
export function tidyNowAndThen({ staging, keepMs, isNeeded, logger }: TidyingOptions): Tidying {
  const stopped = new AbortController();
  const { signal } = stopped;
  let timer: NodeJS.Timeout;
  let round: Promise<void> = Promise.resolve();

  async function tidy(): Promise<void> {
    try {
      const tidied = await tidyStaging({ staging, before: new Date(Date.now() - keepMs), isNeeded, signal });
      logger[tidied.removed + tidied.unfinished > 0 ? 'info' : 'debug']('staging tidied', { ...tidied });
    } catch (error) {
      if (!signal.aborted) logger.warn('staging could not be tidied, which is tried again in an hour', { error });
    }
    if (!signal.aborted) scheduleIn(EVERY_MS);
  }

  function scheduleIn(delayMs: number): void {
    const start = (): void => {
      round = tidy();
    };
    timer = setTimeout(start, delayMs * (0.75 + Math.random() * 0.5)).unref();
  }

  scheduleIn(FIRST_AFTER_MS);
  return {
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
