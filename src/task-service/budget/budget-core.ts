import { createLanes, type Lane } from './lanes.js';
import { createLimit } from './limit.js';
import { paceOf } from './pace.js';
import { createReserve } from './reserve.js';
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
/**
 * One run alone asks for its task, makes it and starts it: it does not wait where we have used less of the limit than that,
 * and others no more.
 */
const IDLE = 1 / 30;
/** So many windows after others were seen, or something was refused, we are alone. */
const ALONE_AFTER = 3;
/** Times are told to about a thousandth of a millisecond: what is earned sooner is earned. */
const SOON_MS = 0.01;

export function createBudgetCore<Waiter>(options: BudgetOptions): BudgetCore<Waiter> {
  const { windowMs = 60_000, random = Math.random } = options;
  const lanes = createLanes<Waiter>();
  const limit = createLimit(options.limit, windowMs);
  const log = createSentLog(windowMs);
  const usage = createUsage(windowMs, log);
  const silence = createSilence(windowMs, random);
  const reserve = createReserve(windowMs);
  /** Requests that the pace has earned, and up to when. */
  let credit = 1;
  let earnedUntil = -Infinity;
  /** When others were seen on the account; at first they may be there. */
  let notAloneAt: number | undefined;

  /** The last of the lanes that may go ahead of the pace. None may where that would be at somebody else's cost. */
  function lastAhead(most: number, own: number, left: number, now: number): Lane | undefined {
    const isAlone = now >= Math.max(notAloneAt ?? Infinity, silence.until) + ALONE_AFTER * windowMs;
    if (isAlone && lanes.waiting('control') > 0) return 'control';
    const isIdle = own < most * IDLE && left > most * (1 - 2 * IDLE);
    return isIdle && lanes.waiting('submit') + lanes.waiting('export') > 0 ? 'export' : undefined;
  }

  /** How long until the next one may go, and the last of the lanes that it may be of. */
  function free(now: number): { readonly inMs: number; readonly last: Lane } {
    const anyIn = (inMs: number): { inMs: number; last: Lane } => ({ inMs, last: 'poll' });
    if (silence.until > now) return anyIn(silence.until - now);
    const most = limit.now;
    if (most === undefined) return anyIn(0);
    const strangers = usage.strangers(now);
    if (strangers >= 1 || notAloneAt === undefined) notAloneAt = now;
    const own = log.countAfter(now - windowMs);
    const sight = usage.at(now);
    const pace = paceOf({ limit: most, windowMs, strangers, own, sight });
    if (now > earnedUntil) {
      const earned = earnedUntil === -Infinity ? 0 : (pace * (now - earnedUntil)) / windowMs;
      credit = Math.min(credit + earned, BURST);
      earnedUntil = now;
    }
    const withinLimitAt = log.freeAt(most, now);
    if (withinLimitAt > now) return anyIn(withinLimitAt - now);
    const earnedIn = (wanted: number): number => (credit >= wanted ? 0 : ((wanted - credit) * windowMs) / pace);
    const paceIn = earnedIn(1);
    const last = lastAhead(most, own, sight?.remaining ?? 0, now);
    const aheadIn = last === undefined ? Infinity : Math.max(earnedIn(1 - reserve.size), reserve.freeIn(now));
    if (last !== undefined && paceIn > SOON_MS && aheadIn < paceIn) return { inMs: aheadIn, last };
    // What others leave changes with time: it is looked at again now and then.
    return anyIn(strangers < 1 ? paceIn : Math.min(paceIn, windowMs / 60));
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
      const { inMs, last } = free(now);
      if (inMs > SOON_MS) return { kind: 'wait', until: now + inMs };
      const first = lanes.take(last);
      if (!first) return { kind: 'nobody waits' };
      if (last !== 'poll') reserve.lend(now);
      credit = last === 'poll' ? Math.max(credit - 1, 0) : credit - 1;
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
