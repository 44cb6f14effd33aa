import { createFifo, type Fifo } from './fifo.js';

/** What a request is for, the most urgent first. */
export const LANES = ['control', 'submit', 'export', 'poll'] as const;
export type Lane = (typeof LANES)[number];

/**
 * How many requests of others a lane lets go before it. At 118 requests a minute there is still a poll every 20 s while
 * thousands of runs wait to be submitted: more would cost runs, and nothing waits for what they tell. Control has the
 * right of way, but for one of those whose patience has ended.
 */
export const PATIENCE: Readonly<Record<Lane, number>> = { control: 1, submit: 4, export: 8, poll: 40 };

/**
 * Those who wait: in their order inside a lane, urgent lanes first. A lane that was passed over as often as it has
 * patience comes next, so the first in a lane is served within `PATIENCE[lane] + 6` turns whatever else is asked for, since
 * the patience of others can have ended too; the first in control within 2.
 */
export interface Lanes<Waiter> {
  /** Returns how to leave again. */
  add(lane: Lane, waiter: Waiter): () => void;
  waiting(lane: Lane): number;
  isEmpty(): boolean;
  /** Who is next leaves the queue. @param last whoever waits in a less urgent lane stays */
  take(last?: Lane): { readonly lane: Lane; readonly waiter: Waiter } | undefined;
}

interface Queue<Waiter> {
  readonly lane: Lane;
  readonly waiters: Fifo<Waiter>;
  passedOver: number;
}

export function createLanes<Waiter>(): Lanes<Waiter> {
  const queues = LANES.map((lane): Queue<Waiter> => ({ lane, waiters: createFifo<Waiter>(), passedOver: 0 }));
  const queueOf = (wanted: Lane): Queue<Waiter> | undefined => queues.find(({ lane }) => lane === wanted);

  return {
    add: (lane, waiter) => queueOf(lane)?.waiters.push(waiter) ?? (() => undefined),
    waiting: (lane) => queueOf(lane)?.waiters.size ?? 0,
    isEmpty: () => queues.every(({ waiters }) => waiters.size === 0),
    take(last = 'poll') {
      const occupied = queues.filter(({ waiters }) => waiters.size > 0);
      const eligible = occupied.filter(({ lane }) => LANES.indexOf(lane) <= LANES.indexOf(last));
      const chosen = eligible.find(({ lane, passedOver }) => passedOver >= PATIENCE[lane]) ?? eligible[0];
      const waiter = chosen?.waiters.shift();
      if (!chosen || waiter === undefined) return undefined;
      for (const queue of queues)
        queue.passedOver = occupied.includes(queue) && queue !== chosen ? queue.passedOver + 1 : 0;
      return { lane: chosen.lane, waiter };
    },
  };
}
