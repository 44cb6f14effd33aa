import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { executionWorkflowId } from '../../src/domain/ids.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { callByHand } from '../helpers/by-hand.js';
import { startServer } from '../helpers/http-server.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  await place.startWorker();
});

afterAll(() => place.close());

const RUN = 'POST /tasks/:id/run';
/** The SDK tells Temporal of an activity this often at most, and hears of its cancellation then. */
const HEARTBEATS_MS = 26_000;

async function start(name: string, input: Partial<RunTaskInput> = {}) {
  const task = { ...PRODUCT_TASK, name };
  return place.titanflow.runTask(randomUUID(), { task, ...input });
}

function script(faults: Scenario['faults'], more: Scenario = {}): void {
  place.emulator.setScenario({ seconds: 1, rows: 5, ...more, ...(faults ? { faults } : {}) });
}

describe('a run whose request had its effect, but not its answer', () => {
  it.each(['drop', 'fail', 'throttle', 'hang'] as const)('is found and not paid again: %s', async (kind) => {
    script([{ route: RUN, kind, count: 1 }]);
    const { result } = await start(`Lost by ${kind}`);
    const { executionId } = await result();
    expect(place.executionsOf(`Lost by ${kind}`)).toMatchObject([{ id: executionId, status: 'completed' }]);
  });

  it('is found in a list that lags behind', async () => {
    script([{ route: RUN, kind: 'drop', count: 1 }], { listLagSeconds: 8, seconds: 20 });
    const { result } = await start('Late in the list');
    const { executionId } = await result();
    expect(place.executionsOf('Late in the list')).toMatchObject([{ id: executionId }]);
  });

  it('is looked for again when the look fails', async () => {
    script([
      { route: RUN, kind: 'drop', count: 1 },
      { route: 'GET /tasks/:id/executions', count: 2 },
    ]);
    const { result } = await start('Look fails');
    const { executionId } = await result();
    expect(place.executionsOf('Look fails')).toMatchObject([{ id: executionId }]);
  });

  it('is left to a person where the service does not say when it was created, and to the caller who resubmits', async () => {
    script([{ route: RUN, kind: 'drop', count: 1 }], { timestamps: false });
    const unknown = await start('Undated');
    const failure = await failureOf(unknown.result());
    expect(failure.type).toBe('RunOutcomeUnknown');
    expect(failure.message).toContain('the service does not say when they were created');
    expect(failure.message).toContain('follow the one that was started with `executionId`');
    const [execution] = place.executionsOf('Undated');
    const followed = await start('Undated', { executionId: execution?.id ?? '' });
    expect(await followed.result()).toMatchObject({ executionId: execution?.id });

    script([{ route: RUN, kind: 'drop', count: 1 }], { timestamps: false });
    const resubmitted = await start('Undated', { onUnknown: 'resubmit' });
    await resubmitted.result();
    expect(place.executionsOf('Undated')).toHaveLength(3);
  });

  it('is left to a person where the service has no history of a task', async () => {
    script([
      { route: RUN, kind: 'drop', count: 1 },
      { route: 'GET /tasks/:id/executions', status: 501 },
    ]);
    const failure = await failureOf((await start('No history')).result());
    expect(failure.type).toBe('RunOutcomeUnknown');
    expect(failure.message).toContain("does not list the task's executions");
  });
});

describe('a run whose request had no effect', () => {
  it('is sent again, after it was looked for', async () => {
    script([{ route: RUN, status: 502, count: 1 }]);
    const { result } = await start('Gateway');
    await result();
    expect(place.executionsOf('Gateway')).toHaveLength(1);
  });
});

describe('a rate-limit answer that names an execution which somebody has just claimed', () => {
  it('is no refusal: whoever adopted it may have left its own', async () => {
    const name = 'Adopted before the answer';
    const at = await openWorkplace({
      emulator: { scenario: { seconds: 1, rows: 5, faults: [{ route: RUN, kind: 'throttle', count: 1 }] } },
    });
    const slow = await startServer((request, response) => void pass(at.emulator.url, request, response));
    await at.startWorker({ titan: { ...at.config.titan, url: slow.url } });
    const { result } = await at.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name } });
    await vi.waitFor(() => expect(at.executionsOf(name)).toHaveLength(1), 20_000);
    const [named] = at.executionsOf(name);
    const executionId = named?.id ?? '';
    await at.client.workflow.start('followExecution', {
      workflowId: executionWorkflowId(executionId),
      taskQueue: at.config.taskQueue,
      args: [{ executionId }],
    });
    const left = await callByHand(at.emulator, 'POST', `/tasks/${named?.taskId}/run`);
    expect(await result()).toMatchObject({ executionId: left });
    expect(at.emulator.ledger().billed).toBe(2);
    await at.close();
    await slow.close();
  });

  /** Passes a request on; a rate-limit answer comes late. */
  async function pass(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '', headers } = request;
    const body = method === 'POST' ? { body: await text(request) } : {};
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const answer = await fetch(url + path, { method, headers: { authorization, 'content-type': type }, ...body });
    if (answer.status === 429) await sleep(3_000);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  }
});

describe('a worker that looks for what a request has started', () => {
  it('ends when it is told to, though the run is cancelled already', async () => {
    const lists = ['GET /executions', 'GET /tasks/:id/executions'];
    const faults = [
      { name: 'lost', route: RUN, kind: 'drop' as const, count: 1 },
      ...lists.map((route) => ({ route, kind: 'hang' as const })),
    ];
    const at = await openWorkplace({ emulator: { scenario: { seconds: 600, faults } } });
    const worker = await at.startWorker();
    const task = { ...PRODUCT_TASK, name: 'Looked for at the end' };
    const { workflowId } = await at.titanflow.runTask(randomUUID(), { task });
    await vi.waitFor(() => expect(at.emulator.ledger().faults['lost']).toBe(1), 20_000);
    const handle = at.client.workflow.getHandle(workflowId);
    await handle.cancel();
    await sleep(HEARTBEATS_MS);
    const ended = await Promise.race([worker.shutdown().then(() => 'ended'), sleep(10_000, 'waits')]);
    expect(ended).toBe('ended');
    await handle.terminate();
    await at.close();
  });
});

describe('a task that was deleted', () => {
  it('is made again', async () => {
    script([]);
    const first = await (await start('Gone')).result();
    const path = `${place.emulator.url}/api/v1/tasks/${first.taskId}`;
    await fetch(path, { method: 'DELETE', headers: { authorization: 'Bearer any' } });
    const [second, third] = await Promise.all([(await start('Gone')).result(), (await start('Gone')).result()]);
    expect(second.taskId).not.toBe(first.taskId);
    expect(third.taskId).toBe(second.taskId);
  });
});

describe('many runs of one task', () => {
  it('cost nothing beyond one create and their own requests', async () => {
    script([]);
    const before = place.emulator.ledger().counts;
    const started = await Promise.all(Array.from({ length: 10 }, () => start('Ten runs')));
    await Promise.all(started.map(({ result }) => result()));
    const { counts } = place.emulator.ledger();
    const spent = (route: string): number => (counts[route] ?? 0) - (before[route] ?? 0);
    expect([spent('POST /tasks'), spent(RUN), spent('GET /tasks/:id/executions')]).toEqual([1, 10, 0]);
  });

  it('that all lose their first reply share their looks, and each gets one execution', async () => {
    script([{ route: RUN, kind: 'drop', count: 60 }], { seconds: 20 });
    const before = place.emulator.ledger().counts['GET /tasks/:id/executions'] ?? 0;
    const started = await Promise.all(Array.from({ length: 60 }, () => start('Sixty runs')));
    const results = await Promise.all(started.map(({ result }) => result()));
    expect(new Set(results.map(({ executionId }) => executionId)).size).toBe(60);
    expect(place.executionsOf('Sixty runs')).toHaveLength(60);
    const looks = (place.emulator.ledger().counts['GET /tasks/:id/executions'] ?? 0) - before;
    expect(looks).toBeLessThanOrEqual(120);
  }, 180_000);
});

describe('a run that waits for its turn', () => {
  it('and is cancelled was never sent, and is not looked for', async () => {
    const slow = await openWorkplace({ titan: { requestsPerMinute: 6 } });
    await slow.startWorker();
    const task = { ...PRODUCT_TASK, name: 'Not its turn' };
    const { workflowId } = await slow.titanflow.runTask(randomUUID(), { task });
    const handle = slow.client.workflow.getHandle(workflowId);
    await vi.waitFor(async () => expect(await handle.query('progress')).toMatchObject({ phase: 'submitting' }), 30_000);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(slow.executionsOf('Not its turn')).toEqual([]);
    expect(slow.emulator.ledger().counts['GET /tasks/:id/executions']).toBeUndefined();
    await slow.close();
  }, 90_000);
});
