import { createLanes, type Lane } from './lanes.js';
import { createLimit } from './limit.js';
import { paceOf } from './pace.js';
import { createSentLog, type Sent } from './sent-log.js';
import { createSilence } from './silence.js';
import { createUsage } from './usage.js';

export interface BudgetOptions {
  /** Requests a window as long as the service does not say how many there are; 0 = no limit. */
  readonly limit: number;
  /** Default a minute. */
  readonly windowMs?: number;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/** The head of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** A 429 about a daily quota of its own, which says nothing about the budget. */
  readonly isPreviewQuota?: boolean;
}

type Turn<Waiter> =
  | { readonly kind: 'go'; readonly lane: Lane; readonly waiter: Waiter; readonly sent: Sent }
  /** Nobody may go before that moment, unless an answer tells otherwise. */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'nobody waits' };

export interface BudgetFacts {
  /** Requests a window; undefined = there is no limit. */
  readonly limit: number | undefined;
  /** Undefined = not known. */
  readonly remaining: number | undefined;
  /** What others use in a window, as far as it can be seen. */
  readonly strangers: number;
  readonly silentForMs: number;
}

/** Who may send when. Pure but for what it remembers; times are Unix milliseconds of a clock that does not go back. */
export interface BudgetCore<Waiter> {
  /** Returns how to leave again. */
  enqueue(lane: Lane, waiter: Waiter): () => void;
  waiting(lane: Lane): number;
  next(now: number): Turn<Waiter>;
  /** Undefined = no answer came. */
  observe(sent: Sent, answer: Answer | undefined, now: number): void;
  facts(now: number): BudgetFacts;
}

/** After a pause two may go at once, so that a timer that is late costs nothing. */
const BURST = 2;
/** So many of the control lane may go before the pace has earned them; they are earned afterwards. */
const RESERVE = 2;
/** The sum of many small parts of one may be a hair below it. */
const ONE = 1 - 1e-6;

export function createBudgetCore<Waiter>(options: BudgetOptions): BudgetCore<Waiter> {
  const { windowMs = 60_000, random = Math.random } = options;
  const lanes = createLanes<Waiter>();
  const limit = createLimit(options.limit, windowMs);
  const log = createSentLog(windowMs);
  const usage = createUsage(windowMs, log);
  const silence = createSilence(windowMs, random);
  /** Requests that the pace has earned, and up to when. */
  let credit = 1;
  let earnedUntil = -Infinity;

  /** What has to be earned before the next one goes. Nobody has a reserve where it may be somebody else's. */
  function neededAt(now: number): number {
    const isOurs = usage.strangers(now) < 1 && now >= silence.until + windowMs;
    return isOurs && lanes.waiting('control') > 0 ? ONE - RESERVE : ONE;
  }

  /** When the next one may go: now, or later. */
  function freeAt(now: number): number {
    if (silence.until > now) return silence.until;
    const most = limit.now;
    if (most === undefined) return now;
    const strangers = usage.strangers(now);
    const own = log.countAfter(now - windowMs);
    const pace = paceOf({ limit: most, windowMs, strangers, own, sight: usage.at(now) });
    if (now > earnedUntil) {
      const earned = earnedUntil === -Infinity ? 0 : (pace * (now - earnedUntil)) / windowMs;
      credit = Math.min(credit + earned, BURST);
      earnedUntil = now;
    }
    const withinLimitAt = log.freeAt(most, now);
    if (withinLimitAt > now) return withinLimitAt;
    const needed = neededAt(now);
    if (credit >= needed) return now;
    const earnedAt = now + ((needed - credit) * windowMs) / pace;
    // What others leave changes with time: it is looked at again now and then.
    return strangers < 1 ? earnedAt : Math.min(earnedAt, now + windowMs / 60);
  }

  function beginSilence(sent: Sent, headers: Headers, now: number): void {
    silence.begin(headers, sent.at, now);
    if (limit.now !== undefined) usage.observeRefusal(sent, limit.now, now);
    // One goes first when it is over, the others at their pace.
    credit = 1;
    earnedUntil = silence.until;
  }

  return {
    enqueue: lanes.add,
    waiting: lanes.waiting,
    next(now) {
      if (lanes.isEmpty()) return { kind: 'nobody waits' };
      const until = freeAt(now);
      if (until > now) return { kind: 'wait', until };
      const isAhead = limit.now !== undefined && credit < ONE;
      const first = lanes.take(isAhead);
      if (!first) return { kind: 'nobody waits' };
      credit = isAhead ? credit - 1 : Math.max(credit - 1, 0);
      return { kind: 'go', ...first, sent: log.add(now) };
    },
    observe(sent, answer, now) {
      sent.answeredAt ??= now;
      if (!answer || answer.isPreviewQuota === true) return;
      const { status, headers } = answer;
      limit.observe(headers, status < 400, now);
      // A 503 that says when to come back is as clear as a 429; any other failure is not about the budget.
      if (status === 429 || (status === 503 && headers.has('retry-after'))) return beginSilence(sent, headers, now);
      if (status >= 500) return;
      silence.end();
      if (limit.now !== undefined) usage.observe(sent, headers, limit.now, now);
    },
    facts: (now) => ({
      limit: limit.now,
      remaining: usage.at(now)?.remaining,
      strangers: usage.strangers(now),
      silentForMs: Math.max(silence.until - now, 0),
    }),
  };
}
