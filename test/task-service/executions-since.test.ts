import { describe, expect, it } from 'vitest';
import { executionsSince } from '../../src/task-service/executions-since.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const SINCE = NOW - 60_000;

/** Newest first, ten seconds apart: six of 250 are not older than {@link SINCE}. */
const HISTORY = Array.from({ length: 250 }, (_, index) => ({
  id: `e${index}`,
  status: 'running',
  created_at: new Date(NOW - index * 10_000).toISOString(),
}));

type Listed = Partial<(typeof HISTORY)[number]> & { task_id?: unknown };

async function look(answer: (query: URLSearchParams) => Listed[] | number) {
  let requests = 0;
  const server = await startServer((request, response) => {
    requests += 1;
    const data = answer(new URL(request.url ?? '', 'http://x').searchParams);
    const body = typeof data === 'number' ? { success: false, error: { code: 'X' } } : { success: true, data };
    response.writeHead(typeof data === 'number' ? data : 200).end(JSON.stringify(body));
  });
  const history = await executionsSince(createTaskService({ url: server.url, token: 't' }), 't1', SINCE);
  await server.close();
  return { history, ids: history?.executions.map(({ id }) => id), requests };
}

function page(all: Listed[], query: URLSearchParams, largest = 1000): Listed[] {
  const offset = Number(query.get('offset') ?? 0);
  return all.slice(offset, offset + Math.min(Number(query.get('limit') ?? 50), largest));
}

const RECENT = ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6'];

describe("a task's executions since a moment", () => {
  it('are on the first page where that goes back far enough', async () => {
    const { history, ids, requests } = await look((query) => page(HISTORY, query));
    expect([ids, history?.isComplete, requests]).toEqual([RECENT, true, 1]);
  });

  it('are read on for where pages are small', async () => {
    const { history, ids } = await look((query) => page(HISTORY, query, 6));
    expect([ids, history?.isComplete]).toEqual([RECENT, true]);
  });

  it('are found in any order, at the price of the whole list', async () => {
    const { history, ids } = await look((query) => page(HISTORY.toReversed(), query));
    expect([ids, history?.isComplete]).toEqual([RECENT.toReversed(), true]);
  });

  it('are found where parameters are ignored, or refused', async () => {
    const ignored = await look(() => HISTORY);
    expect([ignored.ids, ignored.history?.isComplete]).toEqual([RECENT, true]);
    const refused = await look((query) => (query.size > 0 ? 400 : HISTORY));
    expect([refused.ids, refused.history?.isComplete]).toEqual([RECENT, true]);
  });

  it('are kept where they have no date', async () => {
    const { history, ids } = await look((query) => page([{ id: 'e0', status: 'running' }], query));
    expect([ids, history?.isComplete]).toEqual([['e0'], true]);
  });

  it('are only those of the task, where a list shows others too', async () => {
    const ofTask = (task_id: unknown, id: string) => ({ ...HISTORY[0], id, task_id });
    const shown = [ofTask('other', 'e0'), ofTask('T1', 'e1'), ofTask(null, 'e2'), ofTask(7, 'e3'), ofTask('t1', 'e4')];
    const { history, ids } = await look((query) => page(shown, query));
    expect([ids, history?.isComplete]).toEqual([['e1', 'e2', 'e4'], true]);
  });

  it('are found behind a page of another task', async () => {
    const others = Array.from({ length: 100 }, (_, index) => ({ ...HISTORY[0], id: `o${index}`, task_id: 'other' }));
    const { ids } = await look((query) => page([...others, { ...HISTORY[1], task_id: 't1' }], query));
    expect(ids).toEqual(['e1']);
  });

  it('are not all of them where the list goes on for too long', async () => {
    const endless = Array.from({ length: 5000 }, (_, index) => ({ id: `n${index}`, status: 'running' }));
    const { history, requests } = await look((query) => page(endless, query, 100));
    expect([history?.isComplete, requests]).toEqual([false, 10]);
  });

  it.each([404, 501])('are not known where the service has no such list: %d', async (status) => {
    expect((await look(() => status)).history).toBeUndefined();
  });
});
