import type { EndedRun } from '../runs/end-of-run.js';
import { LIFE_SECONDS } from '../service/weather.js';

/** How much longer runs took than their executions live: runs that nothing odd and nobody but the faults has touched. */
export interface HeldUp {
  readonly runs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export function heldUp(runs: readonly EndedRun[]): HeldUp {
  const healthy = runs.filter(
    ({ wanted, end, disturbance }) => wanted.kind === 'task' && end === 'completed' && !disturbance,
  );
  const longer = healthy.map(({ tookMs }) => tookMs - LIFE_SECONDS * 1000).toSorted((left, right) => left - right);
  const at = (share: number): number => longer[Math.max(0, Math.ceil(share * longer.length) - 1)] ?? 0;
  return { runs: longer.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}
