import { countIn } from './limit.js';
import { createRecentMost } from './recent-most.js';
import type { Sent, SentLog } from './sent-log.js';

/** What the service's answers tell of the use of the limit, by everybody. */
export interface Usage {
  /** The most that others are known to have used in one window, lately. */
  strangers(now: number): number;
  /** Undefined = nothing is known, or no longer. */
  at(now: number): Sight | undefined;
  /** Reads a good answer. */
  observe(sent: Sent, headers: Headers, limit: number, now: number): void;
  /** Nothing was left; what there is when it is asked again, the next answer tells. */
  observeRefusal(sent: Sent, limit: number, now: number): void;
}

/** The last answer that counts, brought up to date with what was sent since. */
export interface Sight {
  readonly remaining: number;
  /** Milliseconds since that answer. */
  readonly age: number;
  /**
   * What part of a window is over since the service began to count anew, or, as far as no such moment is known, since
   * we began to look. At most 1.
   */
  readonly elapsed: number;
  /** What was left at that moment. */
  readonly leftAtFirst: number;
  /** Whether the service counts in fixed windows. */
  readonly isFixed: boolean;
  /** The most and the least that was seen to be left: of the last window or two, and of the last half or whole one. */
  readonly highest: number;
  readonly lowest: number;
}

interface Count {
  readonly sentAt: number;
  readonly at: number;
  readonly limit: number;
  readonly remaining: number;
}

export function createUsage(windowMs: number, log: SentLog): Usage {
  const slack = windowMs / 60;
  const others = createRecentMost(windowMs);
  const left = createRecentMost(windowMs);
  const used = createRecentMost(windowMs / 2);
  let last: Count | undefined;
  /** Of the request that the last answer belongs to; undefined = it was refused. */
  let order: number | undefined;
  let stretch: Stretch = { from: -Infinity, ownFrom: -Infinity, openBy: -Infinity, left: 0, isOpening: false };

  const isFixedAt = (at: number): boolean => stretch.isOpening && at < stretch.from + windowMs;

  function isOver(now: number, { at, remaining }: Count): boolean {
    if (isFixedAt(at)) return now >= stretch.from + windowMs + slack;
    // Where the window never opens anew, there is something left again before long.
    return now >= at + (remaining < 1 ? windowMs / 10 : windowMs);
  }

  return {
    strangers: (now) => others.at(now),
    at(now) {
      if (!last || order === undefined || isOver(now, last)) return undefined;
      return {
        remaining: last.remaining - (log.lastOrder - order),
        age: now - last.at,
        elapsed: Math.min((now - stretch.from) / windowMs, 1),
        leftAtFirst: stretch.left,
        isFixed: isFixedAt(last.at),
        highest: left.at(now),
        lowest: last.limit - used.at(now),
      };
    },
    observe(sent, headers, limit, now) {
      const shown = countIn(headers, 'x-ratelimit-remaining');
      // An answer that was overtaken tells less than the one that is known, and one that took a window tells of the past.
      if (shown === undefined || sent.order <= (order ?? 0) || now > sent.at + windowMs) return;
      const count: Count = { sentAt: sent.at, at: now, limit, remaining: Math.min(shown, limit) };
      const opening = last && openingBetween(last, count, windowMs);
      if (opening) stretch = opening;
      else if (!last || now >= last.at + windowMs) stretch = startingWith(count);
      [last, order] = [count, sent.order];
      left.note(count.remaining, now);
      used.note(limit - count.remaining, now);
      // All that we may have had a part in counts as ours, so that nobody is seen where nobody is.
      const isOfStretch = sent.at >= stretch.openBy;
      const ours = log.countAfter(Math.max(isOfStretch ? stretch.ownFrom : -Infinity, sent.at - windowMs));
      others.note(limit - count.remaining - ours, now);
    },
    observeRefusal(sent, limit, now) {
      [last, order] = [{ sentAt: sent.at, at: now, limit, remaining: 0 }, undefined];
    },
  };
}

/** Where the service's count began, or ours. */
interface Stretch {
  readonly from: number;
  /** What we sent before that is surely not in the count. */
  readonly ownFrom: number;
  /** What we send from then on is surely in it. */
  readonly openBy: number;
  readonly left: number;
  readonly isOpening: boolean;
}

function startingWith({ at, remaining }: Count): Stretch {
  return { from: at, ownFrom: -Infinity, openBy: at, left: remaining, isOpening: false };
}

/** A fixed window that opens gives itself away: what is used falls to next to nothing. */
function openingBetween(before: Count, { sentAt, at, limit, remaining }: Count, windowMs: number): Stretch | undefined {
  if (before.limit !== limit) return undefined;
  const used = limit - remaining;
  const usedBefore = limit - before.remaining;
  // Requests that overtake each other on their way show a little less than before, too.
  if (used > usedBefore / 2 || usedBefore - used < Math.max(3, limit / 20)) return undefined;
  // What is used already took its time: at the limit's own pace, so long.
  const from = Math.max(before.at, at - (used * windowMs) / limit);
  const openBy = Math.min(at, sentAt + windowMs / 60);
  return { from, ownFrom: before.sentAt, openBy, left: limit, isOpening: true };
}
