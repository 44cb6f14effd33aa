import { createBudgetCore, type Answer, type BudgetFacts, type BudgetOptions } from './budget-core.js';
import { LANES, type Lane } from './lanes.js';

/** To be told what became of the request, once: the head of its answer, or nothing if none came. */
export type Told = (answer?: Answer) => void;

/**
 * The request budget of one account in one process: everything that is sent to the service asks it first.
 *
 * Guaranteed, where this process alone uses the account: never more requests than the limit in any window, fixed or
 * sliding, as long as a request reaches the service within a thirtieth of a window, and 98.5 % of it if there is as much to
 * do. Best effort, where others use it too: their use is seen in what remains; they are left room for, and processes of
 * this program share evenly, without a word between them. When they start at the same moment, or somebody else begins in
 * the middle of a window, there may be a few refusals until the next one. Fewer than twenty requests a window for each
 * process are too few to steer by: then some are refused now and then.
 */
export interface Budget {
  /**
   * Waits until one request may be sent, and counts it as sent.
   *
   * @throws the signal's reason when that is aborted first; then nothing was used up.
   */
  acquire(lane: Lane, signal?: AbortSignal): Promise<Told>;
  waiting(lane: Lane): number;
  state(): BudgetFacts;
}

type Go = (told: Told) => void;

/** Unix milliseconds that no correction of this machine's clock moves. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

export function createBudget(options: BudgetOptions): Budget {
  const core = createBudgetCore<Go>(options);
  let timer: NodeJS.Timeout | undefined;

  function stopTimer(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function serve(): void {
    stopTimer();
    for (;;) {
      const now = steadyNow();
      const turn = core.next(now);
      if (turn.kind === 'nobody waits') return;
      if (turn.kind === 'wait') {
        timer = setTimeout(serve, Math.ceil(turn.until - now));
        return;
      }
      const { waiter: go, sent } = turn;
      go((answer) => {
        if (sent.answeredAt !== undefined) return;
        core.observe(sent, answer, steadyNow());
        // What is known of the limit has changed: whoever waits may have to wait longer, or not at all.
        if (timer) serve();
      });
    }
  }

  return {
    acquire: (lane, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const giveUp = (): void => {
          leave();
          if (LANES.every((each) => core.waiting(each) === 0)) stopTimer();
          reject(signal?.reason);
        };
        const go: Go = (told) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(told);
        };
        const leave = core.enqueue(lane, go);
        signal?.addEventListener('abort', giveUp, { once: true });
        // One more poll changes nothing while others wait already; what is urgent may go ahead of them.
        if (!timer || lane !== 'poll') serve();
      }),
    waiting: core.waiting,
    state: () => core.facts(steadyNow()),
  };
}
