import { readSilence } from '../rate-limit-headers.js';

/** When nothing may be sent because the service said so. */
export interface Silence {
  /** Nothing is sent before that moment. */
  readonly until: number;
  /** Takes up a refusal of what was sent at that moment. */
  begin(headers: Headers, sentAt: number, now: number): void;
  /** A request went well. */
  end(): void;
}

/**
 * A reset is at most a window away: what says otherwise comes from a clock that is wrong, and is believed so far only.
 * In a row of refusals the least and the most that is believed double each time, up to 15 windows: then it was no clock.
 * A `Retry-After` in seconds needs no clock, and is believed at once.
 */
export function createSilence(windowMs: number, random: () => number): Silence {
  const longest = 15 * windowMs;
  let until = -Infinity;
  let beganAt = -Infinity;
  let inARow = 0;

  return {
    get until() {
      return until;
    },
    begin(headers, sentAt, now) {
      // What was on its way when the silence began is refused for the same reason.
      if (sentAt >= beganAt) {
        inARow += 1;
        beganAt = now;
      }
      const window = Math.min(windowMs * 2 ** (inARow - 1), longest);
      const least = Math.min(window / 12, windowMs);
      const asked = readSilence(headers, now);
      const most = asked?.isCounted === true ? longest : window;
      // Several processes are told the same reset, and must not come back as one.
      const jitter = (random() * windowMs) / 60;
      until = Math.max(until, now + Math.min(Math.max(asked?.ms ?? 0, least), most) + jitter);
    },
    end() {
      inARow = 0;
    },
  };
}
