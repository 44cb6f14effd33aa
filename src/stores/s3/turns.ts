import PQueue from 'p-queue';
import type { Waits } from '../../domain/waits.js';

interface TableTurn {
  readonly table: string;
  readonly signal: AbortSignal;
  readonly waits: Waits;
  /** Says in words what is waited for. */
  readonly waitingFor: string;
}

/** Within one process the loads of one table do not race: who comes later waits, and may leave while it waits. */
export interface Turns {
  take<Result>(turn: TableTurn, work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const queues = new Map<string, PQueue>();
  return {
    take({ table, signal, waits, waitingFor }, work) {
      const queue = queues.get(table) ?? new PQueue({ concurrency: 1 });
      queues.set(table, queue);
      if (queue.pending > 0) waits.begin(waitingFor, 'turn');
      return queue.add(() => waits.end().then(work), { signal });
    },
  };
}
