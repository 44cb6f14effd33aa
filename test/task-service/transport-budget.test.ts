import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../src/task-service/budget/budget-core.js';
import type { Budget } from '../../src/task-service/budget/budget.js';
import { laneOf } from '../../src/task-service/budget/lane-of.js';
import { createTransport, type Transport } from '../../src/task-service/transport.js';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Recorder extends Pick<Budget, 'acquire'> {
  readonly seen: [lane: string, answer: Answer | undefined][];
}

/** A budget that lets everybody go, at once or when it is time, and writes down what it is told first. */
function recorder(time: Promise<void> = Promise.resolve()): Recorder {
  const seen: Recorder['seen'] = [];
  return {
    seen,
    async acquire(lane) {
      await time;
      let isTold = false;
      return (answer) => {
        if (!isTold) seen.push([lane, answer]);
        isTold = true;
      };
    },
  };
}

async function transportTo(answer: RequestListener, budget: Recorder): Promise<Transport> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return createTransport({
    url: `http://127.0.0.1:${port}`,
    token: 't',
    budget: budget as Recorder & Budget,
  });
}

describe('a call', () => {
  it('tells the budget the head of a good answer', async () => {
    const budget = recorder();
    const transport = await transportTo((_, response) => {
      response.setHeader('x-ratelimit-remaining', '7').end('{"success":true,"data":{}}');
    }, budget);
    await transport.json({ method: 'POST', path: '/tasks/t1/run' });
    await transport.json({ method: 'GET', path: '/tasks', lane: 'poll' });
    expect(budget.seen.map(([lane]) => lane)).toEqual(['submit', 'poll']);
    expect(budget.seen.map(([, answer]) => [answer?.status, answer?.headers.get('x-ratelimit-remaining')])).toEqual([
      [200, '7'],
      [200, '7'],
    ]);
  });

  it.each([
    ['TOO_MANY_REQUESTS', false],
    ['preview_limit_exceeded', true],
  ])('tells which quota a 429 is about: %s', async (code, isPreviewQuota) => {
    const budget = recorder();
    const body = JSON.stringify({ success: false, error: { code, message: 'no' } });
    const transport = await transportTo((_, response) => response.writeHead(429).end(body), budget);
    await expect(transport.json({ method: 'GET', path: '/executions' })).rejects.toThrow('429');
    expect(budget.seen).toMatchObject([['poll', { status: 429, isPreviewQuota }]]);
  });

  it('tells when no answer came', async () => {
    const budget = recorder();
    const transport = await transportTo((request) => request.socket.destroy(), budget);
    await expect(transport.json({ method: 'GET', path: '/executions' })).rejects.toThrow('GET /api/v1/executions');
    expect(budget.seen).toEqual([['poll', undefined]]);
  });

  it('has its whole timeout left after the wait for budget', async () => {
    let itIsTime = (): void => undefined;
    const time = new Promise<void>((resolve) => {
      itIsTime = resolve;
    });
    const transport = await transportTo((_, response) => response.end('{"success":true,"data":1}'), recorder(time));
    vi.useFakeTimers();
    const answer = transport.json({ method: 'GET', path: '/executions' });
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    itIsTime();
    await expect(answer).resolves.toBe(1);
  });
});

describe('the lane of a call', () => {
  it.each([
    ['POST', '/tasks/t1/run', 'submit'],
    ['POST', '/tasks', 'submit'],
    ['GET', '/tasks?limit=100', 'submit'],
    ['GET', '/tasks/t1', 'submit'],
    ['GET', '/tasks/t1/executions?limit=100', 'submit'],
    ['POST', '/executions/e1/pause', 'control'],
    ['POST', '/executions/e1/resume', 'control'],
    ['POST', '/executions/e1/stop', 'control'],
    ['GET', '/executions/e1/results', 'export'],
    ['GET', '/executions/e1/results/export', 'export'],
    ['GET', '/executions/e1/results/download?x=1', 'export'],
    ['GET', '/executions/e1', 'poll'],
    ['GET', '/executions?limit=100', 'poll'],
  ] as const)('%s %s is %s', (method, path, lane) => {
    expect(laneOf(method, path)).toBe(lane);
  });
});
