import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTurns } from '../../src/activities/turns.js';
import type { Waits } from '../../src/domain/waits.js';

const { signal } = new AbortController();
const LIMITS = { atOnce: 2, ofOneGroup: 4, lockWaitsOfOneGroup: 2 };

/** Work that goes on when it is told to. */
function openWork(
  turns: ReturnType<typeof createTurns>,
  asked: { group?: string; key?: string; signal?: AbortSignal },
) {
  const said: (string | undefined)[] = [];
  let waits: Waits | undefined;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const over = turns.run(
    { group: 'warehouse', attempt: 1, signal, say: (text) => said.push(text), ...asked },
    async (given) => {
      waits = given;
      await finished;
    },
  );
  over.catch(() => undefined);
  return { said, over, finish, waits: () => waits, hasBegun: () => waits !== undefined };
}

const soon = (): Promise<void> => delay(5);

describe('turns', () => {
  it('let few work at once, and one of a table', async () => {
    const turns = createTurns(LIMITS);
    const works = ['a', 'a', 'b', 'c'].map((key) => openWork(turns, { key }));
    await soon();
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, false, true, false]);
    expect(turns.waiting()).toBe(2);
    expect(works[1]?.said).toEqual(['its turn: warehouse, table a is being loaded by another run']);
    expect(works[3]?.said).toEqual(['a turn: 2 others are at work']);
    works[0]?.finish();
    await works[0]?.over;
    await soon();
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, false, true, true]);
    for (const { finish } of works) finish();
    await Promise.all(works.map(({ over }) => over));
    expect(turns.waiting()).toBe(0);
  });

  it('go to others while their holders wait, who come first when they go on', async () => {
    const turns = createTurns(LIMITS);
    const open = (group: string) => openWork(turns, { group });
    const [one, two, three, four] = [open('a'), open('b'), open('c'), open('d')];
    await soon();
    expect([three.hasBegun(), four.hasBegun()]).toEqual([false, false]);
    one.waits()?.begin('a server to answer', 'turn');
    await soon();
    expect([three.hasBegun(), four.hasBegun()]).toEqual([true, false]);
    let isBack = false;
    const back = one
      ?.waits()
      ?.end()
      .then(() => (isBack = true));
    await soon();
    expect(isBack).toBe(false);
    two.finish();
    await back;
    expect([isBack, four.hasBegun()]).toEqual([true, false]);
    expect(one.said.slice(-3)).toEqual(['a server to answer', 'a turn: 2 others are at work', undefined]);
    for (const { finish } of [one, two, three, four]) finish();
    await Promise.all([one, two, three, four].map(({ over }) => over));
  });

  it('keep some of a store for those that wait for no lock', async () => {
    const turns = createTurns(LIMITS);
    const works: ReturnType<typeof openWork>[] = [];
    for (const key of ['a', 'b', 'c']) {
      const work = openWork(turns, { key });
      await soon();
      works.push(work);
      expect(work.waits()?.begin(`the lock of ${key}`, 'lock')).toBe(key !== 'c');
      expect(work.waits()?.begin(`the lock of ${key}, still`, 'lock')).toBe(key !== 'c');
    }
    await works[0]?.waits()?.end();
    expect(works[2]?.waits()?.begin('the lock of c', 'lock')).toBe(true);
    for (const { finish } of works) finish();
    await Promise.all(works.map(({ over }) => over));
  });

  it('are left by whoever is aborted while he waits, and leave nothing behind', async () => {
    const turns = createTurns({ ...LIMITS, atOnce: 1 });
    const leaving = new AbortController();
    const one = openWork(turns, { key: 'a', signal: leaving.signal });
    await soon();
    one.waits()?.begin('a lock', 'lock');
    const two = openWork(turns, { key: 'b' });
    await soon();
    const back = one.waits()?.end();
    leaving.abort(new Error('enough'));
    await expect(back).rejects.toThrow('enough');
    await expect(one.over).rejects.toThrow('enough');
    one.finish();
    two.finish();
    await two.over;
    const three = openWork(turns, { key: 'a' });
    await soon();
    expect(three.hasBegun()).toBe(true);
    three.finish();
    await three.over;
  });

  it('give a lock more time with every attempt, up to a minute', async () => {
    const longest = (attempt: number) =>
      createTurns(LIMITS).run({ group: 'w', attempt, signal, say: () => undefined }, async (waits) => waits.longestMs);
    expect(await Promise.all([1, 2, 6, 100].map(longest))).toEqual([10_000, 20_000, 60_000, 60_000]);
  });
});
