import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createTaskService } from '../../src/task-service/task-service.js';
import { createWatcher } from '../../src/task-service/watcher/watcher.js';
import { startOddService, type Oddity } from './odd-service.js';

const SPEED = 10;
const COUNT = 20;
/** How long a test waits, in the service's time: five times as long as an execution takes. */
const PATIENCE_MS = 5_000;
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Seen {
  /** Executions other than the odd one that have ended. */
  readonly ended: number;
  readonly troubled: number;
  readonly oddEnded: boolean;
  readonly oddTroubles: number;
  readonly requests: number;
}

/** Waits for all, and for the odd one as long as the others take. */
async function watchAll(oddity: Oddity, count = COUNT): Promise<Seen> {
  const service = await startOddService(oddity, { count, endAfterMs: (index) => 500 + index * 20 });
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  closing.push(
    () => void service.close(),
    () => controller.abort(new Error('over')),
  );
  const tasks = createTaskService({ url: service.url, token: 'any', timeoutMs: 1_000 });
  const watcher = createWatcher({ service: tasks, hasBetterToDo: () => false, speed: SPEED });
  const ended = new Set<string>();
  const troubles = new Map<string, number>();
  const waits = service.ids.map(async (executionId) => {
    const { status } = await watcher.watch({
      executionId,
      signal: controller.signal,
      until: () => false,
      onLook: () => undefined,
      onTrouble: () => troubles.set(executionId, (troubles.get(executionId) ?? 0) + 1),
    });
    if (status === 'completed') ended.add(executionId);
  });
  await Promise.race([Promise.allSettled(waits.slice(1)), sleep(PATIENCE_MS)]);
  await Promise.race([Promise.allSettled(waits), sleep(PATIENCE_MS / 5)]);
  const others = service.ids.slice(1);
  const { list, single } = service.requests();
  return {
    ended: others.filter((id) => ended.has(id)).length,
    troubled: others.filter((id) => troubles.has(id)).length,
    oddEnded: ended.has(service.oddId),
    oddTroubles: troubles.get(service.oddId) ?? 0,
    requests: list + single,
  };
}

const times: readonly unknown[] = [
  1e18,
  1e300,
  -1,
  'soon',
  '2099-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '',
  null,
  {},
];

describe('one execution that is shown oddly ends like the others, and holds up none of them', () => {
  it.each<[string, Oddity]>([
    ...times.flatMap((time): [string, Oddity][] => [
      [`created ${JSON.stringify(time)}`, shown((fields) => ({ ...fields, created_at: time }))],
      [`changed ${JSON.stringify(time)}`, shown((fields) => ({ ...fields, updated_at: time }))],
      [`ended ${JSON.stringify(time)}`, shown((fields) => ({ ...fields, finished_at: time }))],
    ]),
    [
      'with an id in capitals in lists',
      { inList: (fields) => ({ ...fields, id: String(fields['id']).toUpperCase() }) },
    ],
    ['with an id in capitals', shown((fields) => ({ ...fields, id: String(fields['id']).toUpperCase() }))],
    [
      'with an id in capitals that is no UUID',
      { id: 'execution-abc', inList: (fields) => ({ ...fields, id: 'EXECUTION-ABC' }) },
    ],
    [
      'with a status in capitals',
      shown((fields) => ({ ...fields, status: ` ${String(fields['status'])} `.toUpperCase() })),
    ],
    ['with no task', shown((fields) => without('task_id', fields))],
    ['with a task that is none', shown((fields) => ({ ...fields, task_id: { id: 7 }, error_message: [] }))],
    ['with no status in lists', { inList: (fields) => without('status', fields) }],
    ['with the status null in lists', { inList: (fields) => ({ ...fields, status: null }) }],
    ['that lists leave out', { inList: 'left out' }],
    ['as null in lists', { inList: () => null }],
    ['that a list of 500 says nothing of', { list: 500 }],
    ['that a list of 403 says nothing of', { list: 403 }],
  ])('%s', async (_, oddity) => {
    const { ended, troubled, oddEnded, requests } = await watchAll(oddity);
    expect({ ended, troubled, oddEnded }).toEqual({ ended: COUNT - 1, troubled: 0, oddEnded: true });
    expect(requests).toBeLessThan(160);
  });
});

describe('one execution that cannot be read is told of, and holds up no other', () => {
  it.each<[string, Oddity]>([
    ['a 500', { inList: 'left out', alone: 500 }],
    ['a 403', { inList: 'left out', alone: 403 }],
    ['no answer', { inList: 'left out', alone: 'hangs' }],
    ['an answer that breaks off', { inList: 'left out', alone: 'breaks off' }],
    ['another execution', { inList: 'left out', alone: (fields) => ({ ...fields, id: crypto.randomUUID() }) }],
    ['no id', { inList: 'left out', alone: (fields) => without('id', fields) }],
    ['a 500, where there is no list', { list: 400, alone: 500 }],
    ['no answer, where there is no list', { list: 400, alone: 'hangs' }],
    ['a 500, where the list is broken', { list: 500, alone: 500 }],
  ])('%s', async (_, oddity) => {
    const { ended, troubled, oddEnded, oddTroubles, requests } = await watchAll(oddity);
    expect({ ended, troubled, oddEnded }).toEqual({ ended: COUNT - 1, troubled: 0, oddEnded: false });
    expect(oddTroubles).toBeGreaterThan(0);
    expect(requests).toBeLessThan(160);
  });

  it('nor does one of two', async () => {
    const { ended, troubled, oddTroubles } = await watchAll({ alone: 500 }, 2);
    expect({ ended, troubled }).toEqual({ ended: 1, troubled: 0 });
    expect(oddTroubles).toBeGreaterThan(0);
  });

  it('nor one whose answer is about another task', async () => {
    let shows = 0;
    const { ended, troubled, oddEnded, oddTroubles } = await watchAll({
      inList: 'left out',
      alone: (fields) => ({ ...fields, ...(shows++ > 0 ? { task_id: crypto.randomUUID() } : { status: 'running' }) }),
    });
    expect({ ended, troubled, oddEnded }).toEqual({ ended: COUNT - 1, troubled: 0, oddEnded: false });
    expect(oddTroubles).toBeGreaterThan(0);
  });
});

function shown(change: (fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>): Oddity {
  return { inList: change, alone: change };
}

function without(key: string, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));
}
