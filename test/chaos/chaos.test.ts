import { describe, expect, inject, it } from 'vitest';
import { profileNames, type ProfileName } from './profiles.js';
import { runChaos } from './run-chaos.js';
import { countOf, problemsIn, showReport } from './show-report.js';

/** Kinds of trouble that come together in a short run. */
const TOGETHER: Readonly<Record<string, readonly ProfileName[]>> = {
  'workers are killed and runs are disturbed': ['network', 'kills', 'cancels', 'terminations', 'pauses'],
  'all kinds of trouble come at once': profileNames(),
};

describe('runs are paid for once, and their rows loaded once', () => {
  it.each(Object.entries(TOGETHER))(
    'while %s',
    async (_, profiles) => {
      const report = await runChaos({
        runs: 36,
        seed: 7,
        temporalAddress: inject('temporalAddress'),
        profiles: new Set(profiles),
        patienceSeconds: 420,
        say: () => undefined,
      });
      const problems = problemsIn(report);
      if (problems.length > 0) console.error(showReport(report));
      expect(problems).toEqual([]);
      expect(countOf(report.ended, 'failed')).toBe(0);
      // Trouble that comes to nobody proves nothing.
      const hits = Object.values(report.injected).reduce((sum, count) => sum + count, 0);
      expect(hits).toBeGreaterThan(20);
      expect(report.heldUp.maxMs).toBeLessThan(400_000);
    },
    1_200_000,
  );
});
