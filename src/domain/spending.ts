/** Executions that a step may start. */
interface Reservation {
  /** Undefined: any number. */
  readonly granted: number | undefined;
  /** Gives back what was not started. To be called once, when the step is over. */
  readonly settle: (started: number) => void;
}

/** Keeps a run of a pipeline from starting more executions than it may, before one more is paid for. */
export interface Spending {
  /**
   * Takes one execution, or all that are left where nobody knows how many will be needed. While there is none left but a
   * step that runs may give some back, it waits. Granted none: there is none left.
   */
  reserve(wanted: 'one' | 'rest'): Promise<Reservation>;
  /** Counts what this run had started before it was reset, or started again by its caller's retry policy. */
  count(started: number): void;
}

export function createSpending(limit: number | undefined): Spending {
  if (limit === undefined) {
    return { reserve: async () => ({ granted: undefined, settle: () => undefined }), count: () => undefined };
  }
  let free = limit;
  let open = 0;
  let waiting: (() => void)[] = [];
  const hasToWait = (): boolean => free === 0 && open > 0;

  return {
    async reserve(wanted) {
      while (hasToWait()) await new Promise<void>((resolve) => waiting.push(resolve));
      const granted = wanted === 'one' ? Math.min(free, 1) : free;
      free -= granted;
      open++;
      return {
        granted,
        settle(started) {
          open--;
          free += Math.max(granted - started, 0);
          const woken = waiting;
          waiting = [];
          for (const wake of woken) wake();
        },
      };
    },
    count(started) {
      free = Math.max(free - started, 0);
    },
  };
}
