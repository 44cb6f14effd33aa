import { delayBefore } from '../../domain/delay-before.js';

/**
 * Tells a service that is down from one execution that cannot be read. What could be read until now, and fails, is a
 * strike; three without a good answer between them are an outage. Then one request at a time asks whether it is
 * over, less and less often.
 */
export interface Health {
  isDown(): boolean;
  /** Something failed since the last good answer: until another one comes, one request at a time is enough. */
  isDoubtful(): boolean;
  /** Nothing is asked before that moment, Unix milliseconds. */
  notBefore(): number;
  /** The service answered. @returns whether that ended an outage */
  good(): boolean;
  /** A request failed. @param isStrike what it asked for could be read before */
  bad(isStrike: boolean): void;
}

/** A list that is broken and an execution that cannot be read are no outage yet. */
const STRIKES = 3;

/** @param speed how much faster than life the service is */
export function createHealth(speed: number): Health {
  let strikes = 0;
  let failedLooks = 0;
  let notBefore = 0;
  const isDown = (): boolean => strikes >= STRIKES;

  return {
    isDown,
    isDoubtful: () => strikes > 0,
    notBefore: () => notBefore,
    good() {
      const wasDown = isDown();
      strikes = 0;
      failedLooks = 0;
      notBefore = 0;
      return wasDown;
    },
    bad(isStrike) {
      if (isStrike) strikes += 1;
      if (!isDown()) return;
      failedLooks += 1;
      notBefore = Date.now() + delayBefore(failedLooks + 1) / speed;
    },
  };
}
