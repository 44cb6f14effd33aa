import { describe, expect, it } from 'vitest';
import { requireLeastRate } from '../../src/task-service/least-rate.js';

describe('the least rate of a download', () => {
  it('does not matter to one that is over within a minute, however little came', () => {
    const rate = requireLeastRate();
    expect(() => Array.from({ length: 59 }, () => rate.add(1, 1_000))).not.toThrow();
  });

  it('ends one that trickles, also where it came fast at first', () => {
    const rate = requireLeastRate();
    rate.add(10_000_000, 1_000);
    const minute = () => Array.from({ length: 60 }, () => rate.add(100, 1_000));
    expect(minute).not.toThrow();
    expect(minute).toThrow('only 6000 bytes came in 60 s of waiting, less than 1 kB a second');
  });

  it('is met by a slow service, and by one that sends rarely and much', () => {
    const rate = requireLeastRate();
    for (let second = 0; second < 600; second += 1) expect(() => rate.add(1_100, 1_000)).not.toThrow();
    for (let piece = 0; piece < 20; piece += 1) expect(() => rate.add(64_000, 50_000)).not.toThrow();
  });

  it('counts nothing while we ourselves are slow: what lies ready is not waited for', () => {
    const rate = requireLeastRate();
    for (let piece = 0; piece < 10_000; piece += 1) expect(() => rate.add(1, 0)).not.toThrow();
  });
});
