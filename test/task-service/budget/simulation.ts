import { createBudgetCore, type Answer, type BudgetCore } from '../../../src/task-service/budget/budget-core.js';
import { LANES, type Lane } from '../../../src/task-service/budget/lanes.js';
import type { Limiter, Verdict } from './limiters.js';

export interface Arrival {
  readonly at: number;
  readonly lane: Lane;
  readonly abortAt?: number;
}

/** A worker process. */
export interface Process {
  readonly limit: number;
  /** What it wants to send; endless = in all lanes, always. */
  readonly traffic: 'endless' | readonly Arrival[];
  /** Endless traffic begins and ends there. */
  readonly from?: number;
  readonly to?: number;
}

export interface Scene {
  readonly limiter: Limiter | undefined;
  readonly processes: readonly Process[];
  /** When others send something; sorted. */
  readonly strangers?: readonly number[];
  readonly until: number;
  readonly windowMs?: number;
  readonly seed?: number;
  /** The time a request takes to the service, and its answer back. */
  readonly latency?: (random: () => number) => readonly [number, number];
  /** How far the service's clock is ahead of ours. */
  readonly skewMs?: number;
  /** Its answers carry no `Date`. */
  readonly withoutDate?: boolean;
  /** Things that happen to the service. */
  readonly events?: readonly { readonly at: number; readonly run: () => void }[];
  /** Changes what an answer's headers say. */
  readonly headers?: (headers: Headers, at: number) => void;
}

export interface Request {
  /** Index of the process; -1 = a stranger. */
  readonly by: number;
  readonly lane: Lane | undefined;
  /** When its waiter came. */
  readonly askedAt: number;
  readonly sentAt: number;
  /** When the service counted it. */
  readonly at: number;
  readonly refused: boolean;
}

interface Waiter {
  readonly at: number;
}

/** Any moment will do. */
const EPOCH = Date.UTC(2026, 0, 1);

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs a scene to its end and tells every request that reached the service, in the order in which they did. */
export function simulate(scene: Scene): { readonly requests: Request[]; readonly cores: BudgetCore<Waiter>[] } {
  const { limiter, until, windowMs = 60_000, skewMs = 0 } = scene;
  const random = seeded(scene.seed ?? 1);
  const latency = scene.latency ?? ((random) => [20 + random() * 30, 20 + random() * 30]);
  const requests: Request[] = [];
  const agenda = createAgenda();

  function answerOf(verdict: Verdict | undefined, at: number): Answer {
    const headers = new Headers();
    if (scene.withoutDate !== true) headers.set('date', new Date(EPOCH + skewMs + at).toUTCString());
    if (verdict) {
      headers.set('x-ratelimit-limit', String(verdict.limit));
      headers.set('x-ratelimit-remaining', String(verdict.remaining));
      const reset = Math.ceil((EPOCH + skewMs + verdict.resetAt) / 1000);
      if (!verdict.allowed) headers.set('x-ratelimit-reset', String(reset));
    }
    scene.headers?.(headers, at);
    return { status: verdict?.allowed === false ? 429 : 200, headers };
  }

  const cores = scene.processes.map((process, by) => {
    const core = createBudgetCore<Waiter>({ limit: process.limit, windowMs, random });
    const { traffic, from = 0, to = until } = process;
    let wake = 0;

    function send(turn: Extract<ReturnType<typeof core.next>, { kind: 'go' }>, sentAt: number): void {
      const [there, back] = latency(random);
      if (traffic === 'endless' && sentAt < to) core.enqueue(turn.lane, { at: sentAt });
      agenda.add(sentAt + there, (at) => {
        const verdict = limiter?.take(EPOCH + at);
        const refused = verdict?.allowed === false;
        requests.push({ by, lane: turn.lane, askedAt: turn.waiter.at, sentAt, at, refused });
        const answer = answerOf(verdict && { ...verdict, resetAt: verdict.resetAt - EPOCH }, at);
        agenda.add(at + back, (now) => {
          core.observe(turn.sent, answer, EPOCH + now);
          pump(now);
        });
      });
    }

    function pump(now: number): void {
      wake += 1;
      const mine = wake;
      for (;;) {
        const turn = core.next(EPOCH + now);
        if (turn.kind === 'go') send(turn, now);
        else if (turn.kind === 'nobody waits') return;
        else return agenda.add(turn.until - EPOCH, (later) => (mine === wake ? pump(later) : undefined));
      }
    }

    function arrive({ at, lane, abortAt }: Arrival): void {
      agenda.add(at, (now) => {
        const leave = core.enqueue(lane, { at: now });
        if (abortAt !== undefined) agenda.add(abortAt, leave);
        pump(now);
      });
    }

    if (traffic === 'endless') LANES.forEach((lane) => arrive({ at: from, lane }));
    else traffic.forEach(arrive);
    return core;
  });

  scene.strangers?.forEach((at) =>
    agenda.add(at, () => {
      const refused = limiter?.take(EPOCH + at).allowed === false;
      requests.push({ by: -1, lane: undefined, askedAt: at, sentAt: at, at, refused });
    }),
  );
  scene.events?.forEach(({ at, run }) => agenda.add(at, run));
  agenda.runUntil(until);
  return { requests, cores };
}

interface Agenda {
  add(at: number, run: (now: number) => void): void;
  runUntil(end: number): void;
}

function createAgenda(): Agenda {
  const entries: { at: number; run: (now: number) => void }[] = [];
  return {
    add(at, run) {
      let index = entries.length;
      // The next one stands last; of several at one moment, the first that was added comes first.
      while (index > 0 && (entries[index - 1]?.at ?? 0) <= at) index -= 1;
      entries.splice(index, 0, { at, run });
    },
    runUntil(end) {
      for (let next = entries.pop(); next && next.at <= end; next = entries.pop()) next.run(next.at);
    },
  };
}
