/** A request that was allowed to go. */
export interface Sent {
  /** Counts up by one. */
  readonly order: number;
  readonly at: number;
  answeredAt?: number;
}

/** The requests of the last windows, as this process knows them. */
export interface SentLog {
  readonly lastOrder: number;
  add(now: number): Sent;
  /** How many the service may have counted after that moment. */
  countAfter(moment: number): number;
  /** The earliest moment at which one more is within the limit, however the service counts its windows. */
  freeAt(limit: number, now: number): number;
}

/**
 * The service counts a request somewhere between its sending and its answer, so it is ours for a window from its answer
 * on. An answer may take its time for reasons of its own: a thirtieth of the window is taken for the longest way there.
 */
export function createSentLog(windowMs: number): SentLog {
  const longestWay = windowMs / 30;
  let log: Sent[] = [];
  /** Index of the first one that is ours still. */
  let start = 0;
  let lastOrder = 0;

  /** The latest moment at which the service may have counted it. */
  const countedBy = ({ at, answeredAt = Infinity }: Sent): number => Math.min(answeredAt, at + longestWay);
  const endOf = (sent: Sent): number => countedBy(sent) + windowMs;

  function passOld(now: number): void {
    for (let oldest = log[start]; oldest && endOf(oldest) <= now; oldest = log[start]) start += 1;
  }

  function countAfter(moment: number): number {
    let [from, to] = [0, log.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((log[middle]?.at ?? Infinity) > moment - longestWay) to = middle;
      else from = middle + 1;
    }
    for (let sent = log[from]; sent && countedBy(sent) <= moment; sent = log[from]) from += 1;
    return log.length - from;
  }

  /** An answer that is on its way still is compared with what was sent up to two windows ago. */
  function forgetOld(now: number): void {
    const old = log.length - countAfter(now - 3 * windowMs);
    if (old < log.length / 2) return;
    log = log.slice(old);
    start -= old;
  }

  return {
    get lastOrder() {
      return lastOrder;
    },
    add(now) {
      passOld(now);
      forgetOld(now);
      lastOrder += 1;
      const sent: Sent = { order: lastOrder, at: now };
      log.push(sent);
      return sent;
    },
    countAfter,
    freeAt(limit, now) {
      passOld(now);
      const tooMany = log.length - start - limit;
      const [oldest, last] = [log[start], log[start + tooMany]];
      // Ends are in order but for the time an answer takes: both must be over.
      return tooMany < 0 || !oldest || !last ? now : Math.max(endOf(oldest), endOf(last));
    },
  };
}
