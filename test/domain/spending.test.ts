import { describe, expect, it } from 'vitest';
import { createSpending } from '../../src/domain/spending.js';

describe('what a run may spend', () => {
  it('without a limit is any number', async () => {
    expect(await createSpending(undefined).reserve('rest')).toMatchObject({ granted: undefined });
  });

  it('is refused when it is gone', async () => {
    const spending = createSpending(2);
    const first = await spending.reserve('one');
    const second = await spending.reserve('one');
    first.settle(1);
    second.settle(1);
    expect([first.granted, second.granted, (await spending.reserve('one')).granted]).toEqual([1, 1, 0]);
  });

  it('that a step may give back is waited for, in the order of asking', async () => {
    const spending = createSpending(10);
    const each = await spending.reserve('rest');
    const granted: [string, number | undefined][] = [];
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const one = await spending.reserve('one');
      granted.push([name, one.granted]);
      one.settle(1);
    });
    await Promise.resolve();
    expect([each.granted, granted]).toEqual([10, []]);
    each.settle(8);
    await Promise.all(waiting);
    expect(granted).toEqual([
      ['first', 1],
      ['second', 1],
      ['third', 0],
    ]);
  });

  it('does not come back from a step that has started more than it was granted', async () => {
    const spending = createSpending(3);
    const each = await spending.reserve('rest');
    each.settle(5);
    expect((await spending.reserve('one')).granted).toBe(0);
  });
});
