import { describe, expect, it } from 'vitest';
import { readSilence, silenceAskedFor } from '../../src/task-service/rate-limit-headers.js';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const date = (offsetMs: number): string => new Date(NOW + offsetMs).toUTCString();

function asked(headers: Record<string, string>, now = NOW): number | undefined {
  return silenceAskedFor(new Headers({ date: date(0), ...headers }), now);
}

describe('a reset', () => {
  const at = (NOW + 30_000) / 1_000;
  it.each<[string, string, number | undefined]>([
    ['in Unix seconds', String(at), 30_000],
    ['in seconds with a fraction', `${at}.5`, 30_500],
    ['in milliseconds', String(at * 1e3), 30_000],
    ['in microseconds', String(at * 1e6), 30_000],
    ['in nanoseconds', `${at}000000000`, 30_000],
    ['in seconds from now', '30', 30_000],
    ['as a date', date(30_000), 30_000],
    ['as an ISO time', new Date(NOW + 30_000).toISOString(), 30_000],
    ['of the year 2099', '4070908800', MINUTE],
    ['of the year 2099 in milliseconds', '4070908800000', MINUTE],
    ['in milliseconds from now', '30000', MINUTE],
    ['that is over', String(at - 3_600), undefined],
    ['of now', '0', undefined],
    ['that is negative', '-30', undefined],
    ['that is no time', 'soon', undefined],
    ['that is empty', '', undefined],
    ['that never ends', '1e400', undefined],
  ])('%s', (_, reset, expected) => {
    expect(asked({ 'x-ratelimit-reset': reset })).toBe(expected);
  });

  it("is measured by the answer's own clock", () => {
    expect(asked({ 'x-ratelimit-reset': String(at) }, NOW - 3_600_000)).toBe(30_000);
  });
});

describe('a Retry-After', () => {
  it.each<[string, string, number | undefined]>([
    ['in seconds', '30', 30_000],
    ['with a fraction', '1.5', 1_500],
    ['that was sent twice', '30, 30', 30_000],
    ['with a unit', '30s', 30_000],
    ['of minutes', '600', 10 * MINUTE],
    ['of half an hour', '1800', QUARTER],
    ['of a year', '31536000', MINUTE],
    ['as a date', date(30_000), 30_000],
    ['as a date of the year 2099', 'Thu, 01 Jan 2099 00:00:00 GMT', MINUTE],
    ['as a moment', String((NOW + 30_000) / 1_000), 30_000],
    ['that is over', date(-30_000), undefined],
  ])('%s', (_, after, expected) => {
    expect(asked({ 'retry-after': after })).toBe(expected);
  });

  it.each(['', 'soon', '-30', 'NaN'])('that says nothing, "%s", leaves it to the reset', (after) => {
    expect(asked({ 'retry-after': after, 'x-ratelimit-reset': '20' })).toBe(20_000);
  });

  it('is believed as it is only where it counts seconds', () => {
    const isCounted = (headers: Record<string, string>): boolean | undefined =>
      readSilence(new Headers(headers), NOW)?.isCounted;
    expect(isCounted({ 'retry-after': '600' })).toBe(true);
    expect(isCounted({ 'retry-after': date(600_000) })).toBe(false);
    expect(isCounted({ 'x-ratelimit-reset': '600' })).toBe(false);
  });
});
