import { describe, expect, it } from 'vitest';
import { createBudgetCore, type Answer, type BudgetCore } from '../../../src/task-service/budget/budget-core.js';
import type { Sent } from '../../../src/task-service/budget/sent-log.js';
import { mean, refusedFrom, takenPerWindow } from './counting.js';
import { fixedWindow, slidingLog } from './limiters.js';
import { simulate, type Process } from './simulation.js';

const WINDOW = 60_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const busy: Process = { limit: 120, traffic: 'endless' };

function core(limit = 120): BudgetCore<number> {
  return createBudgetCore<number>({ limit, random: () => 0.5 });
}

function answer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: new Headers(headers) };
}

/** Sends one request at a moment. */
function send(budget: BudgetCore<number>, at: number): Sent {
  budget.enqueue('poll', 0);
  const turn = budget.next(at);
  if (turn.kind !== 'go') throw new Error(`nobody may go: ${JSON.stringify(turn)}`);
  return turn.sent;
}

/** How long one more has to wait after such an answer to a first request. */
function waitAfter(first: Answer, limit = 120): number {
  const budget = core(limit);
  budget.observe(send(budget, NOW), first, NOW + 50);
  budget.enqueue('poll', 0);
  const turn = budget.next(NOW + 50);
  return turn.kind === 'wait' ? turn.until - NOW - 50 : 0;
}

const inSeconds = (seconds: number): string => String(NOW / 1000 + seconds);
const date = (offset = 0): string => new Date(NOW + offset).toUTCString();

describe('after a refusal there is silence', () => {
  it.each<[string, number, Record<string, string>, number]>([
    ['until the reset', 429, { 'x-ratelimit-reset': inSeconds(30), date: date() }, 30_000],
    [
      'until the reset by a clock an hour ahead',
      429,
      { 'x-ratelimit-reset': inSeconds(3630), date: date(HOUR) },
      30_000,
    ],
    [
      'until the reset by a clock an hour behind',
      429,
      { 'x-ratelimit-reset': inSeconds(-3570), date: date(-HOUR) },
      30_000,
    ],
    ['of a window at most, where no clock is shown', 429, { 'x-ratelimit-reset': inSeconds(3630) }, WINDOW],
    ['for a while, where the reset is over', 429, { 'x-ratelimit-reset': inSeconds(-3570) }, 5000],
    ['for a while, where nothing is said', 429, {}, 5000],
    ['as long as it says itself', 429, { 'retry-after': '150', date: date() }, 150_000],
    ['after a 503 that says so', 503, { 'retry-after': '20', date: date() }, 20_000],
  ])('%s', (_, status, headers, expected) => {
    // Half a second of it is the jitter.
    const wait = waitAfter(answer(status, headers));
    expect(wait).toBeGreaterThanOrEqual(expected);
    expect(wait).toBeLessThanOrEqual(expected + 1100);
  });

  it.each([
    ['a preview quota', { ...answer(429, { 'x-ratelimit-reset': inSeconds(30) }), isPreviewQuota: true }],
    ['a failure of the service', answer(500)],
    ['a request that was wrong', answer(404)],
  ])('but not after %s', (_, first) => {
    expect(waitAfter(first)).toBeLessThan(1000);
  });

  it('that doubles in a row of refusals, until something goes well', () => {
    const budget = core();
    const waits: number[] = [];
    let now = NOW;
    for (let refusal = 0; refusal < 6; refusal++) {
      budget.observe(send(budget, now), answer(429), now);
      now += budget.facts(now).silentForMs;
      waits.push(Math.round((now - NOW) / 1000));
    }
    expect(waits).toEqual([6, 16, 37, 77, 138, 198]);
    budget.observe(send(budget, now), answer(200), now);
    now += 2000;
    budget.observe(send(budget, now), answer(429), now);
    expect(budget.facts(now).silentForMs).toBeLessThan(6000);
  });

  it('that is one for all that were on their way', () => {
    const budget = core(0);
    const sent = [0, 1, 2].map((each) => send(budget, NOW + each));
    sent.forEach((each) => budget.observe(each, answer(429), NOW + 100));
    expect(budget.facts(NOW + 100).silentForMs).toBeLessThan(6000);
  });

  it('and no burst when it is over', () => {
    const budget = core();
    budget.observe(send(budget, NOW), answer(429), NOW);
    for (let each = 0; each < 20; each++) budget.enqueue('poll', each);
    const over = NOW + budget.facts(NOW).silentForMs;
    expect(budget.next(over - 1)).toEqual({ kind: 'wait', until: over });
    expect(budget.next(over).kind).toBe('go');
    expect(budget.next(over).kind).toBe('wait');
    expect(budget.next(over + 520).kind).toBe('go');
  });
});

describe('the limit', () => {
  it('is what is configured until the service tells another', () => {
    const budget = core(120);
    const first = send(budget, NOW);
    expect(budget.facts(NOW)).toMatchObject({ limit: 120, remaining: undefined });
    budget.observe(first, answer(200, { 'x-ratelimit-limit': '600, 600;w=60', 'x-ratelimit-remaining': '599' }), NOW);
    expect(budget.facts(NOW)).toMatchObject({ limit: 600, remaining: 599, strangers: 0 });
  });

  it.each(['', 'none', '0', '-5'])('is not "%s"', (text) => {
    const budget = core(120);
    budget.observe(send(budget, NOW), answer(200, { 'x-ratelimit-limit': text }), NOW);
    expect(budget.facts(NOW).limit).toBe(120);
  });

  it('is none where none is configured and none is told', () => {
    const budget = core(0);
    const sent = Array.from({ length: 1000 }, () => send(budget, NOW));
    sent.forEach((each) => budget.observe(each, answer(200), NOW));
    expect(budget.facts(NOW)).toMatchObject({ limit: undefined, remaining: undefined });
  });

  it('is the told one where none is configured', () => {
    const budget = core(0);
    budget.observe(send(budget, NOW), answer(200, { 'x-ratelimit-limit': '30', 'x-ratelimit-remaining': '29' }), NOW);
    budget.enqueue('poll', 0);
    const turn = budget.next(NOW);
    expect(turn.kind === 'wait' && turn.until - NOW).toBeCloseTo(WINDOW / (30 * 0.985), 0);
  });

  it.each([
    ['fixed windows', () => fixedWindow(120)],
    ['a sliding log', () => slidingLog(120)],
  ])('is followed at once when it falls or rises: %s', (_, make) => {
    const limiter = make();
    const change = (window: number, limit: number): { at: number; run: () => void } => ({
      at: window * WINDOW + 30_000,
      run: () => {
        limiter.limit = limit;
      },
    });
    const events = [change(3, 60), change(8, 240)];
    const { requests } = simulate({ limiter, processes: [busy], until: 13 * WINDOW, events });
    // What is over the new limit already is refused until somebody has told us.
    expect(refusedFrom(requests, 0)).toBeLessThanOrEqual(3);
    expect(takenPerWindow(requests, 0, 6, 8).every((taken) => taken >= 57 && taken <= 60)).toBe(true);
    expect(takenPerWindow(requests, 0, 10, 13).every((taken) => taken >= 233)).toBe(true);
  });

  it('is the configured one again some time after limiting was switched off', () => {
    const { requests } = simulate({
      limiter: fixedWindow(60),
      processes: [{ ...busy, limit: 50 }],
      until: 9 * WINDOW,
      headers: (headers, at) => {
        if (at < 3 * WINDOW) return;
        headers.delete('x-ratelimit-limit');
        headers.delete('x-ratelimit-remaining');
      },
    });
    expect(mean(takenPerWindow(requests, 0, 1, 4))).toBeGreaterThanOrEqual(57);
    expect(mean(takenPerWindow(requests, 0, 7, 9))).toBeLessThanOrEqual(50);
    expect(mean(takenPerWindow(requests, 0, 7, 9))).toBeGreaterThanOrEqual(48);
  });
});

describe('a clock that is wrong', () => {
  it.each([
    [HOUR, false],
    [-HOUR, false],
    [HOUR, true],
    [-HOUR, true],
  ])('by %d ms does no harm (no date shown: %s)', (skewMs, withoutDate) => {
    // Somebody uses all of a window before we begin.
    const strangers = Array.from({ length: 120 }, (_, index) => 1000 + index);
    const { requests } = simulate({
      limiter: slidingLog(120),
      processes: [{ ...busy, from: 10_000 }],
      strangers,
      until: 6 * WINDOW,
      skewMs,
      withoutDate,
    });
    expect(refusedFrom(requests, 0)).toBeLessThanOrEqual(6);
    expect(Math.min(...takenPerWindow(requests, 0, 3, 6))).toBeGreaterThanOrEqual(111);
  });
});
