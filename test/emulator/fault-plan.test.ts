import { describe, expect, it } from 'vitest';
import { createFaultPlan } from '../../src/emulator/fault-plan.js';
import { createRandom } from '../../src/emulator/random.js';
import { parseScenario } from '../../src/emulator/scenario.js';

function planOf(faults: string) {
  return createFaultPlan(parseScenario(`faults: ${faults}`, 'faults.yaml').faults, 1000, createRandom(7));
}

describe('a plan of faults', () => {
  it('lets the first requests through, hits as many as it says, and then no more', () => {
    const plan = planOf('[{ route: POST /tasks/:id/run, skip: 1, count: 2 }]');
    const hits = Array.from({ length: 5 }, () => plan.next('POST /tasks/:id/run', 1000) !== undefined);
    expect(hits).toEqual([false, true, true, false, false]);
  });

  it('counts the requests of its own route only', () => {
    const plan = planOf('[{ route: GET /tasks, count: 1 }]');
    expect(plan.next('POST /tasks', 1000)).toBeUndefined();
    expect(plan.next('GET /tasks', 1000)).toMatchObject({ kind: 'refuse' });
  });

  it('is over after its seconds, counted from when the scenario was set', () => {
    const plan = planOf('[{ route: "*", seconds: 20 }]');
    expect(plan.next('GET /tasks', 20_999)).toBeDefined();
    expect(plan.next('GET /tasks', 21_000)).toBeUndefined();
  });

  it('takes the first fault that is not used up', () => {
    const plan = planOf('[{ route: GET /tasks, kind: drop, count: 1 }, { route: "*", status: 500 }]');
    expect(plan.next('GET /tasks', 1000)).toMatchObject({ kind: 'drop' });
    expect(plan.next('GET /tasks', 1000)).toMatchObject({ kind: 'refuse', status: 500 });
  });

  it('hits as often as its probability says, and the same ones with the same seed', () => {
    const hits = () => {
      const plan = planOf('[{ route: GET /tasks, probability: 0.25 }]');
      return Array.from({ length: 1000 }, () => plan.next('GET /tasks', 1000) !== undefined);
    };
    const share = hits().filter(Boolean).length / 1000;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
    expect(hits()).toEqual(hits());
  });

  it('cuts nothing but files, even where it speaks of every route', () => {
    const plan = planOf('[{ route: "*", kind: truncate }]');
    expect(plan.next('GET /tasks', 1000)).toBeUndefined();
    expect(plan.next('GET /executions/:id/results/export', 1000)).toMatchObject({ kind: 'truncate' });
  });
});
