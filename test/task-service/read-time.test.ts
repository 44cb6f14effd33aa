import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTime } from '../../src/task-service/read-time.js';
import { createdAt, executionSchema, readList, taskSchema } from '../../src/task-service/wire.js';

const MOMENT = Date.parse('2026-03-08T06:30:15.123Z');
const SECOND = Math.floor(MOMENT / 1_000) * 1_000;

describe('a time of the service', () => {
  it.each<[unknown, number]>([
    ['2026-03-08T06:30:15.123Z', MOMENT],
    ['2026-03-08T06:30:15.123456789Z', MOMENT],
    ['2026-03-08T06:30:15.1Z', SECOND + 100],
    ['2026-03-08T06:30:15,123Z', MOMENT],
    ['2026-03-08T07:30:15.123+01:00', MOMENT],
    ['2026-03-08 02:30:15.123-0400', MOMENT],
    ['2026-03-08 06:30:15.123456+00', MOMENT],
    ['2026-03-08 06:30:15.123 UTC', MOMENT],
    ['2026-03-08t06:30:15.123z', MOMENT],
    [' 2026-03-08T06:30:15.123Z\n', MOMENT],
    ['2026-03-08T06:30Z', SECOND - 15_000],
    ['2026-03-08', Date.parse('2026-03-08T00:00:00Z')],
    ['Sun, 08 Mar 2026 06:30:15 GMT', SECOND],
    ['08 Mar 2026 01:30:15 -0500', SECOND],
    [MOMENT, MOMENT],
    [MOMENT / 1_000, MOMENT],
    [SECOND / 1_000, SECOND],
    [MOMENT * 1_000, MOMENT],
    [MOMENT * 1_000_000, MOMENT],
    [String(MOMENT), MOMENT],
    [`${SECOND / 1_000}`, SECOND],
    [`${MOMENT}000000`, MOMENT],
    [`${SECOND / 1_000}.123`, MOMENT],
  ])('is read as it stands: %s', (value, time) => {
    expect(Math.abs((readTime(value) ?? 0) - time)).toBeLessThanOrEqual(1);
  });

  it.each(['2026-03-08T06:30:15.123', '2026-03-08 06:30:15.123', 'Sun, 08 Mar 2026 06:30:15'])(
    'is UTC without a zone, wherever the worker is: %s',
    (value) => {
      const zone = process.env['TZ'];
      process.env['TZ'] = 'America/New_York';
      expect(new Date(MOMENT).getTimezoneOffset()).not.toBe(0);
      expect(Math.floor((readTime(value) ?? 0) / 1_000) * 1_000).toBe(SECOND);
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    },
  );

  it.each([
    [undefined],
    [null],
    [''],
    ['soon'],
    ['item 5'],
    ['2026-13-45T99:99:99Z'],
    ['0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z'],
    [0],
    [-1],
    [1e300],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['1e400'],
    ['9'.repeat(400)],
    [true],
    [{ seconds: 1 }],
    [[2026, 3, 8]],
  ])('is none where it cannot be: %j', (value) => {
    expect(readTime(value)).toBeUndefined();
  });

  it('never throws, and is never one that cannot be written', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const time = readTime(value);
        expect(time === undefined || new Date(time).toISOString().startsWith('20')).toBe(true);
      }),
    );
  });
});

describe('a task or an execution with an unreadable time', () => {
  it.each([[{ seconds: 1 }], [['2026']], [true], ['soon'], [1e300], [-1], [null]])(
    'is read all the same: %j',
    (time) => {
      const row = { id: 'e1', status: 'running', created_at: time, updated_at: time, finished_at: time };
      const [listed] = readList([row], executionSchema) ?? [];
      expect(listed).toMatchObject({ id: 'e1', status: 'running' });
      expect(listed && createdAt(listed)).toBeUndefined();
      expect(executionSchema.parse(row).id).toBe('e1');
      expect(taskSchema.parse({ ...row, name: 'T' })).toMatchObject({ id: 'e1', name: 'T' });
    },
  );
});
