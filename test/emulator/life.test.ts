import { describe, expect, it } from 'vitest';
import { controlLife, momentOf, type Life } from '../../src/emulator/life.js';

const LIFE: Life = { createdAt: 1000, totalMs: 10_000, outcome: 'completed', pauses: [] };

function after(life: Life, control: 'pause' | 'resume' | 'stop', now: number): Life {
  const changed = controlLife(life, control, now);
  if (!changed) throw new Error(`${control} was refused`);
  return changed;
}

describe('the life of an execution', () => {
  it.each([
    [1000, { status: 'queued', updatedAt: 1000, progress: 0 }],
    [1999, { status: 'queued', updatedAt: 1000, progress: 0 }],
    [2000, { status: 'running', startedAt: 2000, updatedAt: 2000, progress: 0 }],
    [6500, { status: 'running', startedAt: 2000, updatedAt: 2000, progress: 0.5 }],
    [11_000, { status: 'completed', startedAt: 2000, finishedAt: 11_000, updatedAt: 11_000, progress: 1 }],
    [99_000, { status: 'completed', startedAt: 2000, finishedAt: 11_000, updatedAt: 11_000, progress: 1 }],
  ])('is known from the clock alone: at %i', (now, moment) => {
    expect(momentOf(LIFE, now)).toEqual(moment);
  });

  it('of no seconds is over at once', () => {
    expect(momentOf({ ...LIFE, totalMs: 0 }, 1000)).toMatchObject({
      status: 'completed',
      finishedAt: 1000,
      progress: 1,
    });
  });

  it('stands still while it is paused, and ends later by as much', () => {
    const paused = after(LIFE, 'pause', 6500);
    expect(momentOf(paused, 50_000)).toMatchObject({ status: 'paused', updatedAt: 6500, progress: 0.5 });
    const resumed = after(paused, 'resume', 56_500);
    expect(momentOf(resumed, 56_501)).toMatchObject({ status: 'running', startedAt: 2000, updatedAt: 56_500 });
    expect(momentOf(resumed, 60_999).status).toBe('running');
    expect(momentOf(resumed, 61_000)).toMatchObject({ status: 'completed', finishedAt: 61_000 });
  });

  it('goes back to the queue when it was paused there', () => {
    const resumed = after(after(LIFE, 'pause', 1500), 'resume', 5000);
    expect(momentOf(resumed, 5400).status).toBe('queued');
    expect(momentOf(resumed, 5500)).toMatchObject({ status: 'running', startedAt: 5500 });
  });

  it('that is stopped is cancelled then and there', () => {
    const stopped = after(after(LIFE, 'pause', 6500), 'stop', 9000);
    expect(momentOf(stopped, 99_000)).toEqual({
      status: 'cancelled',
      startedAt: 2000,
      finishedAt: 9000,
      updatedAt: 9000,
      progress: 0.5,
    });
    expect(momentOf(after(LIFE, 'stop', 1500), 99_000)).not.toHaveProperty('startedAt');
  });

  it('can be asked how it stood before a call that came later', () => {
    const resumed = after(after(LIFE, 'pause', 3000), 'resume', 5000);
    const stopped = after(after(resumed, 'pause', 6000), 'stop', 7000);
    const seen = [1500, 2500, 3000, 4999, 5000, 6500, 7000].map((at) => momentOf(stopped, at));
    expect(seen.map(({ status, updatedAt }) => [status, updatedAt])).toEqual([
      ['queued', 1000],
      ['running', 2000],
      ['paused', 3000],
      ['paused', 3000],
      ['running', 5000],
      ['paused', 6000],
      ['cancelled', 7000],
    ]);
  });

  it.each([
    ['pause', 'paused', after(LIFE, 'pause', 3000)],
    ['resume', 'running', LIFE],
    ['stop', 'cancelled', after(LIFE, 'stop', 3000)],
    ['pause', 'completed', { ...LIFE, totalMs: 1 }],
    ['stop', 'failed', { ...LIFE, totalMs: 1, outcome: 'failed' }],
  ] as const)('refuses to %s when it is %s', (control, status, life) => {
    expect(momentOf(life, 4000).status).toBe(status);
    expect(controlLife(life, control, 4000)).toBeUndefined();
  });

  it.each(['queued', 'running'])('stays %s for ever where that is the outcome, until it is stopped', (outcome) => {
    const stuck = { ...LIFE, outcome };
    expect(momentOf(stuck, 1e12)).toMatchObject({ status: outcome });
    expect(momentOf(after(stuck, 'stop', 1e12), 1e12).status).toBe('cancelled');
  });

  it('shows a status that nobody documents without ever ending', () => {
    const strange = momentOf({ ...LIFE, outcome: 'archiving' }, 99_000);
    expect(strange).toMatchObject({ status: 'archiving', updatedAt: 11_000 });
    expect(strange).not.toHaveProperty('finishedAt');
  });
});
