import PQueue from 'p-queue';

/** Within one process the loads of one table do not race: who comes later waits, and may leave while it waits. */
export interface Turns {
  take<Result>(table: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const queues = new Map<string, PQueue>();
  return {
    take(table, signal, work) {
      const queue = queues.get(table) ?? new PQueue({ concurrency: 1 });
      queues.set(table, queue);
      return queue.add(work, { signal });
    },
  };
}
