import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLanes, LANES, PATIENCE, type Lane } from '../../../src/task-service/budget/lanes.js';

const lane = fc.constantFrom(...LANES);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), lane }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }) },
);

describe('the lanes', () => {
  it('let urgent requests go first', () => {
    const lanes = createLanes<string>();
    for (const each of LANES.toReversed()) lanes.add(each, each);
    expect(LANES.map(() => lanes.take()?.waiter)).toEqual([...LANES]);
    expect(lanes.take()).toBeUndefined();
  });

  it('keep the order inside a lane, and no trace of who left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const lanes = createLanes<number>();
        const model: Record<Lane, number[]> = { control: [], submit: [], export: [], poll: [] };
        const leaving: (() => void)[] = [];
        steps.forEach((each, id) => {
          if (each.kind === 'add') {
            const leave = lanes.add(each.lane, id);
            model[each.lane].push(id);
            leaving.push(() => {
              leave();
              model[each.lane] = model[each.lane].filter((waiter) => waiter !== id);
            });
          } else if (each.kind === 'leave') {
            // Who has gone already may leave again.
            leaving[each.which % leaving.length]?.();
          } else {
            const turn = lanes.take();
            if (turn) expect(turn.waiter).toBe(model[turn.lane].shift());
            else expect(Object.values(model).flat()).toEqual([]);
          }
          for (const name of LANES) expect(lanes.waiting(name)).toBe(model[name].length);
          expect(lanes.isEmpty()).toBe(Object.values(model).flat().length === 0);
        });
      }),
    );
  });

  it('let nobody starve: the first in a lane is served within its patience and six more turns', () => {
    fc.assert(
      fc.property(fc.array(fc.subarray([...LANES]), { minLength: 50, maxLength: 300 }), (arrivals) => {
        const lanes = createLanes<number>();
        const waited: Record<Lane, number> = { control: 0, submit: 0, export: 0, poll: 0 };
        for (const each of arrivals) {
          for (const name of each) lanes.add(name, 0);
          const before = LANES.filter((name) => lanes.waiting(name) > 0);
          const turn = lanes.take();
          for (const name of LANES) waited[name] = before.includes(name) ? waited[name] + 1 : 0;
          for (const name of before) expect(waited[name]).toBeLessThanOrEqual(longest(name));
          if (turn) waited[turn.lane] = 0;
        }
      }),
    );
  });

  it('give every lane its part while all ask for more than there is', () => {
    const lanes = createLanes<Lane>();
    for (const name of LANES) for (let each = 0; each < 1000; each++) lanes.add(name, name);
    const served = Array.from({ length: 1000 }, () => lanes.take()?.lane);
    const part = (name: Lane): number => served.filter((each) => each === name).length;
    expect(part('poll')).toBeGreaterThanOrEqual(1000 / (PATIENCE.poll + 6));
    expect(part('export')).toBeGreaterThanOrEqual(1000 / (PATIENCE.export + 6));
    expect(part('submit')).toBeGreaterThanOrEqual(1000 / (PATIENCE.submit + 6));
    expect(part('control')).toBeGreaterThan(500);
  });
});

/** In turns, its own among them. */
function longest(name: Lane): number {
  return name === 'control' ? 2 : PATIENCE[name] + 6;
}
