import { describe, expect, it } from 'vitest';
import { clockChangesOf } from '../../src/commands/plan/clock-changes.js';

const FROM = new Date('2026-12-01T00:00:00Z');

describe('a schedule whose zone changes its clocks', () => {
  it.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      [
        ['2027-03-28', 'missing', ['02:30']],
        ['2027-10-31', 'twice', ['02:30']],
      ],
    ],
    ['30 1 * * *', 'America/New_York', [['2027-11-07', 'twice', ['01:30']]]],
    ['15 2 * * *', 'Australia/Lord_Howe', [['2027-10-03', 'missing', ['02:15']]]],
    ['@daily', 'Africa/Cairo', [['2027-04-30', 'missing', ['00:00']]]],
    [
      '*/15 2 * * *',
      'Europe/Berlin',
      [
        ['2027-03-28', 'missing', ['02:00', '02:15', '02:30']],
        ['2027-10-31', 'twice', ['02:00', '02:15', '02:30']],
      ],
    ],
    [
      '30 2 * * sunday',
      'Europe/Berlin',
      [
        ['2027-03-28', 'missing', ['02:30']],
        ['2027-10-31', 'twice', ['02:30']],
      ],
    ],
    [
      '30 2 * * 7',
      'Europe/Berlin',
      [
        ['2027-03-28', 'missing', ['02:30']],
        ['2027-10-31', 'twice', ['02:30']],
      ],
    ],
    ['30 2 * 3 *', 'Europe/Berlin', [['2027-03-28', 'missing', ['02:30']]]],
    ['30 2 * * 1-6', 'Europe/Berlin', []],
    ['0 3 * * *', 'Europe/Berlin', []],
    ['30 2 * * *', 'UTC', []],
    ['30 2 * * *', 'Asia/Kolkata', []],
    ['0 30 2 * * * 2028', 'Europe/Berlin', []],
  ])('%s in %s has the days that matter told', (cron, timezone, days) => {
    const changes = clockChangesOf({ cron, timezone }, FROM);
    expect(changes.map(({ date, what, times }) => [date, what, times])).toEqual(days);
  });

  it('one by interval has none, and of many times the first ones are told', () => {
    expect(clockChangesOf({ interval: '1 hour', timezone: 'Europe/Berlin' }, FROM)).toEqual([]);
    const [first] = clockChangesOf({ cron: ['*/15 * * * *', '5 2 * * *'], timezone: 'Europe/Berlin' }, FROM);
    expect(first).toMatchObject({ count: 5, times: ['02:00', '02:05', '02:15'] });
  });
});
