import { expect, inject, it } from 'vitest';
import { runChaos } from './run-chaos.js';
import { problemsIn } from './show-report.js';

it('runs are paid for once, and their rows loaded once, while everything fails', async () => {
  const temporalAddress = inject('temporalAddress');
  const report = await runChaos({ runs: 24, seed: 7, temporalAddress, say: () => undefined });
  expect(problemsIn(report)).toEqual([]);
  expect(report.ends.failed).toBe(0);
  // What disturbs nobody proves nothing.
  expect(report.kills).toBeGreaterThan(0);
  const hit = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
  expect(hit).toBeGreaterThan(10);
}, 600_000);
