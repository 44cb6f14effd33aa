import type { Worker } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHealth } from '../../src/worker/health.js';

type State = ReturnType<Worker['getState']>;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A process of two workers, whose states and whose server a test can change. */
async function start() {
  const states: [State, State] = ['RUNNING', 'RUNNING'];
  const server = { answers: true, asked: 0 };
  const health = createHealth();
  health.begin({
    workers: ['q', 'q-wait'].map((taskQueue, index) => ({
      getState: () => states[index] ?? 'FAILED',
      options: { taskQueue } as Worker['options'],
    })),
    async askTemporal() {
      server.asked += 1;
      if (!server.answers) throw new Error('UNAVAILABLE');
    },
  });
  await vi.advanceTimersByTimeAsync(0);
  return { states, server, health };
}

describe('the health of a worker process', () => {
  it('is alive, but not ready, while it starts', () => {
    const health = createHealth();
    expect(health.ailments()).toEqual([]);
    expect(health.hindrances()).toEqual(['the worker is starting']);
  });

  it('is good when all workers run and Temporal answers', async () => {
    const { health } = await start();
    expect(health.ailments()).toEqual([]);
    expect(health.hindrances()).toEqual([]);
  });

  it('tells which worker does not run; it may be alive without', async () => {
    const { health, states } = await start();
    states[1] = 'DRAINING';
    expect(health.ailments()).toEqual([]);
    expect(health.hindrances()).toEqual(['task queue q-wait: draining']);
  });

  it('is beyond cure when a worker has failed', async () => {
    const { health, states } = await start();
    states[0] = 'FAILED';
    states[1] = 'STOPPING';
    expect(health.ailments()).toEqual(['task queue q: failed']);
    expect(health.hindrances()).toEqual(['task queue q: failed', 'task queue q-wait: stopping']);
  });

  it('is not ready when Temporal has not answered lately, and again when it has', async () => {
    const { health, server } = await start();
    server.answers = false;
    await vi.advanceTimersByTimeAsync(29_000);
    expect(health.hindrances()).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(health.hindrances()).toEqual(['Temporal has not answered for 31 s']);
    expect(health.ailments()).toEqual([]);
    server.answers = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(health.hindrances()).toEqual([]);
  });

  it('asks nothing more when it ends', async () => {
    const { health, server } = await start();
    health.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
