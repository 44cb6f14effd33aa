import { expect, it } from 'vitest';
import { killLoads } from './kill-loads.js';

it('leaves a table as before or complete, whatever is killed', async () => {
  const report = await killLoads({ kills: 6, seed: 1, rows: 5000, say: () => undefined });
  expect(report.problems).toEqual([]);
  expect(report.kills.loader + report.kills.server + report.kills.failover).toBe(6);
}, 120_000);
