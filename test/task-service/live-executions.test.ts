import { describe, expect, it, onTestFinished } from 'vitest';
import { liveExecutions } from '../../src/task-service/live-executions.js';
import { createOwnTasks } from '../../src/task-service/own-tasks.js';
import { identified } from '../../src/task-service/task-identity.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';

const { signal } = new AbortController();

function nameFor(instance: string, label: string): string {
  return identified({ name: label }, { instance, secretNames: [] }).name;
}

const TASKS = [
  { id: 'ours', name: nameFor('here', 'Ours') },
  { id: 'theirs', name: nameFor('there', 'Theirs') },
  { id: 'by hand', name: 'By hand' },
];

const AT = '2026-01-01T12:00:00.000Z';

const EXECUTIONS = [
  { id: 'e1', status: 'running', task_id: 'ours', created_at: AT },
  { id: 'e2', status: 'completed', task_id: 'ours', created_at: AT },
  { id: 'e3', status: 'archiving', task_id: 'ours' },
  { id: 'e4', status: 'queued', task_id: 'theirs', created_at: AT },
];

type Answers = Partial<Record<string, (query: URLSearchParams) => readonly object[] | number>>;

/** A service that answers these paths, and everything else with 404. */
async function open(answers: Answers) {
  const requests: string[] = [];
  const server = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const path = decodeURIComponent(pathname.replace('/api/v1', ''));
    requests.push(path);
    const task = TASKS.find(({ id }) => path === `/tasks/${id}`);
    const data = task ?? answers[path]?.(searchParams) ?? 404;
    const body = typeof data === 'number' ? { success: false, error: { code: 'X' } } : { success: true, data };
    response.writeHead(typeof data === 'number' ? data : 200).end(JSON.stringify(body));
  });
  onTestFinished(() => server.close());
  const service = createTaskService({ url: server.url, token: 't' });
  const ownTasks = createOwnTasks(service, 'here');
  return { ownTasks, requests, look: () => liveExecutions(service, ownTasks, signal) };
}

/** Pages as asked for, but never larger than that. */
function paged(all: readonly object[], largest = 100) {
  return (query: URLSearchParams) => {
    const offset = Number(query.get('offset') ?? 0);
    return all.slice(offset, offset + Math.min(Number(query.get('limit') ?? 50), largest));
  };
}

function many(count: number) {
  return Array.from({ length: count }, (_, index) => ({ id: `m${index}`, status: 'running', task_id: 'ours' }));
}

const OF_OURS = [
  { id: 'e1', taskId: 'ours', status: 'running', createdAt: AT },
  { id: 'e3', taskId: 'ours', status: 'archiving' },
];

describe('the live executions', () => {
  it('are those of every task whose status does not say that they ended', async () => {
    const { look } = await open({ '/executions': paged(EXECUTIONS) });
    const e4 = { id: 'e4', taskId: 'theirs', status: 'queued', createdAt: AT };
    expect(await look()).toEqual({ items: [...OF_OURS, e4], isComplete: true });
  });

  it.each([
    ['pages are small', 12],
    ['pages are large', 100],
  ])('are read to the end where %s', async (_, largest) => {
    const { look } = await open({ '/executions': paged(many(230), largest) });
    const { items, isComplete } = await look();
    expect(items).toHaveLength(largest === 12 ? 5 + 20 * 7 : 230);
    expect(isComplete).toBe(largest !== 12);
  });

  it.each([
    ['all parameters are refused', (query: URLSearchParams) => (query.size > 0 ? 422 : many(120)), 120],
    ['only `offset` is ignored', (query: URLSearchParams) => many(120).slice(0, Number(query.get('limit'))), 100],
  ])('are not surely all where %s', async (_, answer, shown) => {
    const { look } = await open({ '/executions': answer });
    const { items, isComplete } = await look();
    expect([items.length, isComplete]).toEqual([shown, false]);
  });

  it('are not all where the list goes on for too long', async () => {
    const { look, requests } = await open({ '/executions': paged(many(3000)) });
    expect((await look()).isComplete).toBe(false);
    expect(requests).toHaveLength(20);
  });

  it.each([
    ['has no list of all', () => 501],
    ['does not know that route', () => 404],
    ['does not say whose they are', paged(EXECUTIONS.map((execution) => ({ ...execution, task_id: null })))],
  ])('are those of our own tasks where the service %s', async (_, all) => {
    const { look, requests } = await open({
      '/executions': all,
      '/tasks': paged(TASKS),
      '/tasks/ours/executions': paged(EXECUTIONS.slice(0, 3)),
    });
    expect(await look()).toEqual({ items: OF_OURS, isComplete: true });
    expect(requests).not.toContain('/tasks/theirs/executions');
  });

  it('are not all where the histories are not shown, or are too many', async () => {
    const none = await open({ '/tasks': paged(TASKS) });
    expect(await none.look()).toEqual({ items: [], isComplete: false });
    const tasks = Array.from({ length: 60 }, (_, index) => ({ id: `t${index}`, name: nameFor('here', `T${index}`) }));
    const histories = tasks.map(({ id }) => [`/tasks/${id}/executions`, paged([])] as const);
    const lots = await open({ '/tasks': paged(tasks), ...Object.fromEntries(histories) });
    expect((await lots.look()).isComplete).toBe(false);
    expect(lots.requests.filter((path) => path.endsWith('/executions'))).toHaveLength(51);
  });
});

describe('our own tasks', () => {
  it('are told by their mark, each asked for once', async () => {
    const { ownTasks, requests } = await open({});
    const found = await Promise.all(['ours', 'theirs', 'by hand', 'gone'].map((id) => ownTasks.find(id, signal)));
    expect(found).toEqual([{ id: 'ours', name: 'Ours' }, undefined, undefined, undefined]);
    await ownTasks.find('ours', signal);
    await ownTasks.find('theirs', signal);
    expect(requests).toHaveLength(4);
  });
});
