/** How long executions of each task took, as far as this process has seen them end. */
export interface UsualDurations {
  /** Milliseconds, the latest ones; empty = nothing is known. */
  of(taskId: string | undefined): readonly number[];
  learn(taskId: string | undefined, durationMs: number): void;
}

const REMEMBERED_TASKS = 1_000;
const REMEMBERED_ENDS = 8;

export function createUsualDurations(): UsualDurations {
  const known = new Map<string, number[]>();
  return {
    of: (taskId) => (taskId === undefined ? undefined : known.get(taskId)) ?? [],
    learn(taskId, durationMs) {
      if (taskId === undefined || !(durationMs > 0)) return;
      const durations = [...(known.get(taskId) ?? []).slice(1 - REMEMBERED_ENDS), durationMs];
      // The task that was seen last stands last.
      known.delete(taskId);
      known.set(taskId, durations);
      const [oldest] = known.keys();
      if (known.size > REMEMBERED_TASKS && oldest !== undefined) known.delete(oldest);
    },
  };
}
