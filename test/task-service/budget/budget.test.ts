import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBudget, type Told } from '../../../src/task-service/budget/budget.js';

const headers = (limit: number, remaining: number): Headers =>
  new Headers({ 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': String(remaining) });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the budget', () => {
  it('lets one go after the other, urgent ones first', async () => {
    const budget = createBudget({ limit: 20 });
    const order: string[] = [];
    const ask = (name: string, lane: Parameters<typeof budget.acquire>[0]): void => {
      void budget.acquire(lane).then(() => order.push(name));
    };
    await budget.acquire('poll');
    // By then it is known that nobody else is there.
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    ask('first', 'poll');
    ask('second', 'poll');
    ask('poll', 'poll');
    for (const name of ['run 1', 'run 2', 'run 3']) ask(name, 'submit');
    ask('export', 'export');
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(['first', 'second']);
    ask('stop', 'control');
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(['first', 'second', 'stop']);
    expect(budget.waiting('poll')).toBe(1);
    await vi.advanceTimersByTimeAsync(24_000);
    expect(order).toEqual(['first', 'second', 'stop', 'run 1', 'run 2', 'run 3', 'export', 'poll']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not make one run wait that is alone', async () => {
    const budget = createBudget({ limit: 120 });
    for (let left = 119; left > 116; left--) {
      const told = await budget.acquire('submit');
      told({ status: 200, headers: headers(120, left) });
    }
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    await budget.acquire('poll');
    await vi.advanceTimersByTimeAsync(500);
    await budget.acquire('export');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is left by who gives up: the reason is thrown, the turn is the next one’s, and no timer stays', async () => {
    const budget = createBudget({ limit: 60 });
    await budget.acquire('poll');
    const [tired, patient] = [new AbortController(), new AbortController()];
    const given = budget.acquire('poll', tired.signal);
    const kept = budget.acquire('poll', patient.signal);
    const reason = new Error('enough');
    tired.abort(reason);
    await expect(given).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(1100);
    await kept;
    const last = budget.acquire('poll', patient.signal);
    patient.abort(reason);
    await expect(last).rejects.toBe(reason);
    await expect(budget.acquire('poll', patient.signal)).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    expect(budget.waiting('poll')).toBe(0);
  });

  it('wakes those who wait when an answer tells of a higher limit', async () => {
    const budget = createBudget({ limit: 1 });
    const told = await budget.acquire('poll');
    const next = budget.acquire('poll');
    await vi.advanceTimersByTimeAsync(200);
    told({ status: 200, headers: headers(600, 599) });
    await vi.advanceTimersByTimeAsync(200);
    await expect(next).resolves.toBeTypeOf('function');
  });

  it('is silent after a 429, and takes every answer once only', async () => {
    const budget = createBudget({ limit: 120, random: () => 0 });
    const told = await budget.acquire('poll');
    told({ status: 429, headers: new Headers({ 'retry-after': '30' }) });
    told({ status: 200, headers: headers(1, 0) });
    const went = vi.fn<(told: Told) => void>();
    void budget.acquire('control').then(went);
    await vi.advanceTimersByTimeAsync(29_900);
    expect(went).not.toHaveBeenCalled();
    expect(budget.state()).toMatchObject({ limit: 120, silentForMs: 100 });
    await vi.advanceTimersByTimeAsync(200);
    expect(went).toHaveBeenCalledOnce();
  });

  it('tells what it knows', async () => {
    const budget = createBudget({ limit: 60 });
    const told = await budget.acquire('submit');
    told({ status: 200, headers: headers(60, 40) });
    expect(budget.state()).toEqual({ limit: 60, remaining: 40, strangers: 19, silentForMs: 0 });
    void budget.acquire('export');
    await vi.advanceTimersByTimeAsync(5000);
    expect(budget.state().remaining).toBe(39);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(budget.state().remaining).toBeUndefined();
  });

  it('has one timer for five thousand, whoever gives up', async () => {
    const budget = createBudget({ limit: 120 });
    const signals = Array.from({ length: 5000 }, () => new AbortController());
    const waits = signals.map(({ signal }) => budget.acquire('poll', signal));
    expect(vi.getTimerCount()).toBe(1);
    signals.forEach((controller, index) => index % 2 === 1 && controller.abort(new Error('enough')));
    expect(budget.waiting('poll')).toBe(2499);
    expect(vi.getTimerCount()).toBe(1);
    signals.forEach((controller) => controller.abort(new Error('enough')));
    await Promise.allSettled(waits);
    expect(vi.getTimerCount()).toBe(0);
  });
});
