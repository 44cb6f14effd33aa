import { expect, inject, it } from 'vitest';
import { chooseProfiles } from './profiles.js';
import { runChaos } from './run-chaos.js';
import { countOf, problemsIn, showReport } from './show-report.js';

it('runs are paid for once, and their rows loaded once, while everything fails', async () => {
  const report = await runChaos({
    runs: 36,
    seed: 7,
    temporalAddress: inject('temporalAddress'),
    profiles: chooseProfiles([], []),
    patienceSeconds: 420,
    say: () => undefined,
  });
  const problems = problemsIn(report);
  if (problems.length > 0) console.error(showReport(report));
  expect(problems).toEqual([]);
  expect(countOf(report.ended, 'failed')).toBe(0);
  // Trouble that comes to nobody proves nothing.
  const hits = Object.values(report.injected).reduce((sum, count) => sum + count, 0);
  expect(hits).toBeGreaterThan(100);
  expect(report.heldUp.maxMs).toBeLessThan(400_000);
}, 900_000);
