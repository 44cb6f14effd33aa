import type { Sight } from './usage.js';

export interface Scene {
  /** Requests a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** What others used in a window, lately. */
  readonly strangers: number;
  /** What we used in the last window. */
  readonly own: number;
  readonly sight: Sight | undefined;
}

/** A little short of the limit, so that no clock has to be right to the millisecond. */
const FULL = 0.985;
/** What all together may be ahead of an even use of the window. */
const AHEAD = 0.1;
/** Asks what is left, if nothing else has told for long. */
const TRICKLE = 4;

/**
 * How the room that is left turns into a pace. The pace is what we had in the last window, less a part that everybody
 * gives up for those who have less (`yielded`), plus `gain` for each request of room above the reserve. All see the same
 * room, so it is the same for all in the end, and `yielded * own / gain` requests of room are left unused. A higher gain
 * swings: five processes see what the others did with a delay of seconds. Where the service's window is fixed, room is
 * measured against a line through the window, which is steadier. A smaller reserve lets a rush of somebody's come back in
 * every sliding window: what it used is free again at once, and all take it at once.
 */
const SLIDING = { yielded: 0.05, gain: 1.8, reserve: 0.05, fewest: 6 };
const FIXED = { yielded: 0.2, gain: 4, reserve: 0.04, fewest: 4.8 };

/** How many requests a window the limit and the use that others make of it leave for us now. */
export function paceOf({ limit, windowMs, strangers, own, sight }: Scene): number {
  const full = limit * FULL;
  if (strangers < 1 || !sight) return full;
  const { remaining, isFixed, elapsed, leftAtFirst, highest, lowest } = sight;
  // Others go on while we do not look. How many they are must not depend on our own share, else who has little waits for
  // ever; where windows slide, as much comes back meanwhile.
  const gone = isFixed ? (Math.min(strangers, limit / 2) * sight.age) / windowMs : 0;
  const left = remaining - gone;
  if (left < 1) return 0;

  const law = isFixed ? FIXED : SLIDING;
  const wanted = Math.max(limit * law.reserve, Math.min(law.fewest, limit / 20));
  // A bucket may be smaller than the limit, and is never fuller than its brim.
  const reserve = isFixed ? wanted : Math.min(wanted, highest / 2);
  // The line from what was left at first to the reserve. Without it whoever comes first uses all at once, and in a
  // sliding window such a rush comes back every time.
  const line = (1 - elapsed) * (leftAtFirst - limit * AHEAD) + elapsed * reserve;
  const room = left - Math.max(line, reserve);
  // Room that lasts is room that nobody needs: a bucket that fills up as fast as we take, or others who have gone.
  const lasting =
    isFixed || line > reserve ? 0 : Math.max(Math.min(room, lowest - reserve) - Math.min(3, highest / 4), 0);
  const pace = (1 - law.yielded) * own + law.gain * (room + 6 * lasting);
  return Math.min(Math.max(pace, isFixed ? 0 : TRICKLE), full);
}
