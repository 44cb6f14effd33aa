import { describe, expect, it } from 'vitest';
import { createServiceClock } from '../../src/task-service/service-clock.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');

function open() {
  let local = NOW;
  let steady = 0;
  const clock = createServiceClock(
    () => local,
    () => steady,
  );
  return {
    clock,
    pass(ms: number) {
      local += ms;
      steady += ms;
    },
    setLocal(ms: number) {
      local += ms;
    },
    date: (aheadMs: number) => clock.observe(new Date(local + aheadMs).toUTCString()),
    created: (aheadMs: number, tookMs = 100) => {
      const sentAt = local;
      local += tookMs;
      steady += tookMs;
      clock.observeCreation(new Date(sentAt + aheadMs).toISOString(), sentAt);
    },
  };
}

describe("the clock of the service's answers", () => {
  it('is this machine’s until an answer tells, and then the one of the answers', () => {
    const { clock } = open();
    expect([clock.now(), clock.notAfterNow()]).toEqual([NOW, NOW - 30_000]);
    clock.observe(new Date(NOW - 3_600_000).toUTCString());
    expect([clock.now(), clock.notAfterNow()]).toEqual([NOW - 3_600_000, NOW - 3_602_000]);
    clock.observe(null);
    clock.observe('soon');
    clock.observe(new Date(0).toUTCString());
    expect(clock.now()).toBe(NOW - 3_600_000);
  });

  it('goes on where a cache shows the same moment again and again', () => {
    const { clock, pass } = open();
    const frozen = new Date(NOW).toUTCString();
    clock.observe(frozen);
    pass(60_000);
    clock.observe(frozen);
    expect(clock.now()).toBe(NOW + 60_000);
  });
});

describe('the clock that gives what is created its time', () => {
  it('is taken for that of the answers, and far from surely, until something was created', () => {
    const { clock, date } = open();
    expect(clock.creation()).toEqual({ least: 0, most: 0, unsureMs: 300_000 });
    date(-3_600_000);
    expect(clock.creation()).toEqual({ least: -3_600_000, most: -3_599_000, unsureMs: 3_900_000 });
  });

  it('is what was seen of it, whatever the answers say', () => {
    const { clock, date, created } = open();
    date(0);
    created(-10_000);
    expect(clock.creation()).toEqual({ least: -10_100, most: -9_000, unsureMs: 30_000 });
    for (let times = 0; times < 50; times++) created(-10_000);
    // The next may come from another host.
    expect(clock.creation().unsureMs).toBe(30_000);
  });

  it('is as wide as what was seen, and as the answers of its hosts are', () => {
    const seen = open();
    seen.created(0);
    seen.created(5_000);
    expect(seen.clock.creation()).toMatchObject({ least: -100, most: 6_000 });
    const likely = open();
    likely.date(0);
    likely.date(5_000);
    likely.created(5_000);
    expect(likely.clock.creation()).toMatchObject({ least: -100, most: 11_000 });
  });

  it('does not show in an answer that was slow to come, or has no time', () => {
    const { clock, created } = open();
    created(0, 10_000);
    clock.observeCreation(undefined, NOW);
    clock.observeCreation({ seconds: 5 }, NOW);
    expect(clock.creation().unsureMs).toBe(300_000);
  });

  it('is forgotten after an hour', () => {
    const { clock, created, pass } = open();
    created(-10_000);
    pass(31 * 60_000);
    created(0);
    expect(clock.creation().least).toBeLessThanOrEqual(-10_000);
    pass(31 * 60_000);
    expect(clock.creation().least).toBeGreaterThanOrEqual(-1_000);
  });

  it('is forgotten when this machine’s clock is set', () => {
    const { clock, date, created, setLocal } = open();
    date(0);
    created(0);
    setLocal(3_600_000);
    expect(clock.creation()).toEqual({ least: 0, most: 0, unsureMs: 300_000 });
    expect(clock.now()).toBe(NOW + 3_600_100);
  });
});
