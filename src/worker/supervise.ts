import type { Worker } from '@temporalio/worker';

export interface Supervised {
  /** Lets the workers hand over what they do. */
  stop(): void;
  /** Resolves when all have ended and everything is released; rejects when a worker failed. */
  readonly ended: Promise<void>;
}

interface Hooks {
  /** Called before the workers are told to stop; more than once. */
  readonly onStop: () => void;
  readonly release: () => Promise<void>;
}

/** Runs the workers of a process. When one stops or fails, all do: half a process would leave work lying. */
export function supervise(workers: readonly Worker[], { onStop, release }: Hooks): Supervised {
  const stop = (): void => {
    onStop();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(stop));
  const allEnded = async (): Promise<void> => {
    await Promise.allSettled(runs);
    await release();
    await Promise.all(runs);
  };
  return { stop, ended: allEnded() };
}
