import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseExecution, SETTLE_MS, type Doubt, type SeenExecution } from '../../src/domain/adoption.js';

const NOW = 1_000_000;
const doubt: Doubt = {
  since: NOW - 60_000,
  until: NOW - 1_000,
  unsureMs: 0,
  now: { earliest: NOW, latest: NOW },
  isPatient: false,
  isComplete: true,
  random: () => 0,
};

function seen(id: string, changes: Partial<SeenExecution> = {}): SeenExecution {
  return { id, createdAt: NOW - 10_000, owner: 'nobody', isReserved: false, ...changes };
}

describe('which execution a run in doubt takes', () => {
  it('is its own before any other', () => {
    const executions = [seen('free'), seen('own', { owner: 'me' })];
    expect(chooseExecution(executions, doubt)).toEqual({ kind: 'mine', executionId: 'own' });
  });

  it.each<[string, SeenExecution[]]>([
    ['nothing', []],
    ['one that another owns', [seen('a', { owner: 'other' })]],
    ['one that another is about to claim', [seen('a', { isReserved: true })]],
    ['one that is older than the intent', [seen('a', { createdAt: doubt.since - 1 })]],
    ['one that came after the doubt', [seen('a', { createdAt: doubt.until + 1 })]],
  ])('is none where there is but %s', (_, executions) => {
    expect(chooseExecution(executions, doubt)).toEqual({ kind: 'none' });
  });

  it('is waited for until whoever started it had time to claim it', () => {
    const young = seen('a', { createdAt: NOW - SETTLE_MS + 200 });
    expect(chooseExecution([young], doubt)).toEqual({ kind: 'unsettled', waitMs: 200 });
    expect(chooseExecution([young], { ...doubt, now: { earliest: NOW + 200, latest: NOW + 200 } })).toEqual({
      kind: 'adopt',
      executionId: 'a',
    });
  });

  it('cannot be told where times, or executions, are kept back', () => {
    const { createdAt: _, ...undated } = seen('a');
    expect(chooseExecution([undated], doubt)).toMatchObject({ kind: 'undecidable' });
    expect(chooseExecution([{ ...undated, owner: 'other' }], doubt)).toEqual({ kind: 'none' });
    expect(chooseExecution([], { ...doubt, isComplete: false })).toMatchObject({ kind: 'undecidable' });
  });

  describe('where clocks are known to some seconds only', () => {
    const unsure: Doubt = { ...doubt, unsureMs: 30_000, until: NOW - 20_000 };

    it.each<[string, number]>([
      ['just before the run', unsure.since - 1],
      ['before the run, by as much as clocks may differ', unsure.since - 30_000],
      ['just after the doubt', unsure.until + 1],
      ['after the doubt, by as much as clocks may differ', unsure.until + 30_000],
      ['in the future', NOW + 30_001],
      ['in the far future', NOW + 8 * 3_600_000],
    ])('cannot be told where one was created %s, after a while in which others may claim it', (_, createdAt) => {
      const executions = [seen('a', { createdAt })];
      const choice = chooseExecution(executions, unsure);
      expect(choice).toMatchObject({ kind: 'undecidable', reason: expect.stringContaining('nobody owns a') });
      expect(chooseExecution(executions, { ...unsure, isPatient: true })).toMatchObject({ kind: 'unsettled' });
      const owned = [seen('a', { createdAt, owner: 'other' }), seen('b', { createdAt, isReserved: true })];
      expect(chooseExecution(owned, unsure)).toEqual({ kind: 'none' });
      expect(chooseExecution([...executions, seen('b', { createdAt: NOW - 30_000 })], unsure)).toMatchObject({
        kind: 'adopt',
        executionId: 'b',
      });
    });

    it('is taken when others had their time to claim an earlier one, which may be its own', () => {
      const inTime = seen('in time', { createdAt: NOW - 30_000 });
      const earlier = seen('earlier', { createdAt: unsure.since - 20_000 });
      const patient = { ...unsure, isPatient: true };
      expect(chooseExecution([inTime, earlier], patient)).toMatchObject({ kind: 'unsettled' });
      expect(chooseExecution([inTime, earlier], unsure)).toEqual({ kind: 'adopt', executionId: 'in time' });
      const later = seen('later', { createdAt: unsure.until + 1 });
      const owned: SeenExecution = { ...earlier, owner: 'other' };
      expect(chooseExecution([inTime, later, owned], patient)).toEqual({ kind: 'adopt', executionId: 'in time' });
    });

    it.each([unsure.since - 30_001, NOW - 3_600_000, NOW - 9_999])(
      'is none where there is but one from another time: %d',
      (createdAt) => {
        const later = { ...unsure, until: NOW - 40_000 };
        expect(chooseExecution([seen('a', { createdAt })], later)).toEqual({ kind: 'none' });
      },
    );

    it('is never said to be none while its own lies there, unless clocks differ by more than was thought possible', () => {
      fc.assert(
        // Created before the doubt arose, 20 s ago.
        fc.property(
          fc.integer({ min: 20_000, max: 80_000 }),
          fc.integer({ min: -30_000, max: 30_000 }),
          (age, skew) => {
            const window = { ...unsure, since: NOW - 80_000, until: NOW - 8_000 };
            const choice = chooseExecution([seen('own', { createdAt: NOW - age + skew })], window);
            expect(choice.kind).not.toBe('none');
          },
        ),
      );
    });
  });

  it('is one of the oldest: later runs may not take them', () => {
    const executions = [9_000, 10_900, 11_500, 12_000].map((age) => seen(`${age} ms old`, { createdAt: NOW - age }));
    const choose = (fraction: number) => chooseExecution(executions, { ...doubt, random: () => fraction });
    expect(choose(0.1)).toEqual({ kind: 'adopt', executionId: '11500 ms old' });
    expect(choose(0.9)).toEqual({ kind: 'adopt', executionId: '12000 ms old' });
  });

  it('leaves none over, whoever looks first', () => {
    const run = fc.record({
      intendedAt: fc.integer({ min: 0, max: 30_000 }),
      sentLater: fc.integer({ min: 0, max: 15_000 }),
      hadEffect: fc.boolean(),
      turn: fc.integer(),
    });
    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 12 }),
        fc.func(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (runs, random) => {
          let left = runs.flatMap(({ intendedAt, sentLater, hadEffect }, index) =>
            // A service may show whole seconds.
            hadEffect
              ? [seen(`lost ${index}`, { createdAt: Math.floor((intendedAt + sentLater) / 1_000) * 1_000 })]
              : [],
          );
          for (const { intendedAt, turn } of runs.toSorted((one, other) => one.turn - other.turn)) {
            const since = intendedAt - 2_000;
            const choice = chooseExecution(left, { ...doubt, since, random: () => random(turn) });
            if (choice.kind === 'adopt') left = left.filter(({ id }) => id !== choice.executionId);
          }
          return left.length === 0;
        },
      ),
    );
  });

  it('is never one that somebody else has, or that is not of its time', () => {
    const execution = fc.record({
      id: fc.uuid(),
      createdAt: fc.option(fc.integer({ min: NOW - 120_000, max: NOW + 20_000 }), { nil: undefined }),
      owner: fc.constantFrom('other' as const, 'nobody' as const),
      isReserved: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(execution), (executions) => {
        const all: SeenExecution[] = executions.map(({ createdAt, ...rest }) =>
          createdAt === undefined ? rest : { ...rest, createdAt },
        );
        const choice = chooseExecution(all, doubt);
        if (choice.kind !== 'adopt') return choice.kind !== 'mine';
        const taken = all.find(({ id }) => id === choice.executionId);
        const { createdAt: created = 0 }: Partial<SeenExecution> = taken ?? {};
        return taken?.owner === 'nobody' && !taken.isReserved && created >= doubt.since && created <= NOW - SETTLE_MS;
      }),
    );
  });
});
