import { describe, expect, it } from 'vitest';
import { drawMs } from '../../src/emulator/duration.js';
import { createRandom } from '../../src/emulator/random.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { DEFINITION, openEmulator } from './open-emulator.js';

describe('a duration', () => {
  it('is what it says, or drawn evenly from its range', () => {
    const random = createRandom(7);
    expect(drawMs(1.5, random)).toBe(1500);
    expect(drawMs([3, 3], random)).toBe(3000);
    const drawn = Array.from({ length: 1000 }, () => drawMs([10, 200], random));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...drawn)).toBeLessThan(200_000);
    const mean = drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length;
    expect(Math.abs(mean - 105_000)).toBeLessThan(5000);
  });

  it('of an execution is its own, and the same one with the same seed', async () => {
    const lives = async (seed: number): Promise<number[]> => {
      let now = 0;
      const scenario: Scenario = { seconds: [10, 200], tasks: [{ name: DEFINITION.name, seconds: [1, 2] }] };
      const { run, emulator } = await openEmulator({ seed, scenario, now: () => now });
      for (const name of ['long', 'long', DEFINITION.name]) await run({ name });
      now = 1e9;
      return emulator.ledger().executions.map(({ finishedAt = '' }) => Date.parse(finishedAt));
    };
    const [first = 0, second = 0, short = 0] = await lives(1);
    expect(first).not.toBe(second);
    expect(Math.min(first, second)).toBeGreaterThanOrEqual(10_000);
    expect(short).toBeGreaterThanOrEqual(1000);
    expect(short).toBeLessThan(2000);
    expect(await lives(1)).toEqual([first, second, short]);
    expect(await lives(2)).not.toEqual([first, second, short]);
  });
});
