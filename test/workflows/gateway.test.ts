import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { retryWorkflow } from '../../src/client/retry-workflow.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { callByHand } from '../helpers/by-hand.js';
import { startGateway, type Gateway, type GatewayAnswer } from '../helpers/gateway.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let emulator: Emulator;
let gateway: Gateway;
let place: Workplace;

beforeAll(async () => {
  emulator = await startEmulator({ requestsPerMinute: 0 });
  gateway = await startGateway(emulator.url);
  place = await openWorkplace({ titan: { url: gateway.url } });
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await gateway.close();
  await emulator.close();
});

async function saveTask(name: string): Promise<string> {
  return callByHand(emulator, 'POST', '/tasks', { ...PRODUCT_TASK, name });
}

function executionsOf(taskId: string) {
  return emulator.ledger().executions.filter((execution) => execution.taskId === taskId);
}

function lookedFor(taskId: string): boolean {
  return emulator.ledger().requests.some(({ path }) => path.startsWith(`/api/v1/tasks/${taskId}/executions`));
}

async function start(taskId: string, input: Partial<RunTaskInput> = {}, id: string = randomUUID()) {
  return place.titanflow.runTask(id, { task: { id: taskId }, ...input });
}

const envelope = (code: string): string => JSON.stringify({ success: false, error: { code, message: 'told why' } });
const HTML = { headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' };
const soon = (): string => String(Math.ceil(Date.now() / 1000) + 1);

describe('a run that took effect, whatever a gateway says of it each time, is paid once', () => {
  const answers: readonly (readonly [string, GatewayAnswer])[] = [
    ['303', { status: 303, headers: { location: 'https://elsewhere.example/login' } }],
    ['307', { status: 307, headers: { location: 'https://elsewhere.example/' } }],
    ['429 in words', { status: 429, body: 'slow down' }],
    ['429 in an envelope that names no time', { status: 429, body: envelope('TOO_MANY_REQUESTS') }],
    ['400 page', { status: 400, ...HTML }],
    ['404 text', { status: 404, body: 'default backend - 404' }],
    ['empty 403', { status: 403 }],
    ['200 that says no', { status: 200, body: envelope('INTERNAL_SERVER_ERROR') }],
    ['200 without anything', { status: 200, body: '{}' }],
    ['empty 200', { status: 200 }],
    ['204', { status: 204 }],
    ['500', { status: 500, body: envelope('INTERNAL_SERVER_ERROR') }],
    ['502 page', { status: 502, ...HTML }],
    ['broken connection', 'reset'],
  ];

  it('and is found', async () => {
    emulator.setScenario({ seconds: 1, rows: 5 });
    const taskIds = await Promise.all(answers.map(([name]) => saveTask(name)));
    gateway.setRules(
      answers.map(([, answer], index) => ({
        method: 'POST',
        path: new RegExp(`/tasks/${taskIds[index]}/run$`),
        answer,
        afterEffect: true,
      })),
    );
    const ends = await Promise.all(
      taskIds.map(async (taskId) => {
        const { result } = await start(taskId);
        const { executionId, status } = await result();
        return { paid: executionsOf(taskId).map(({ id }) => id), executionId, status };
      }),
    );
    expect(ends).toEqual(ends.map(({ executionId }) => ({ paid: [executionId], executionId, status: 'completed' })));
  }, 120_000);
});

describe('a run that took no effect', () => {
  it.each([
    ['after a look, where a gateway said so', { status: 303, headers: { location: '/login' } }, true],
    ['after a look, where a 429 names no time', { status: 429, body: envelope('TOO_MANY_REQUESTS') }, true],
    ['at once, where the limiter said so', 'limiter', false],
  ] as const)('is sent again %s', async (name, answer, isLookedFor) => {
    emulator.setScenario({ seconds: 1, rows: 5 });
    const taskId = await saveTask(name);
    const limited = { status: 429, headers: { 'x-ratelimit-reset': soon() }, body: envelope('TOO_MANY_REQUESTS') };
    const path = new RegExp(`/tasks/${taskId}/run$`);
    gateway.setRules([{ method: 'POST', path, answer: answer === 'limiter' ? limited : answer, times: 1 }]);
    await (await start(taskId)).result();
    expect(executionsOf(taskId)).toHaveLength(1);
    expect(lookedFor(taskId)).toBe(isLookedFor);
  });

  it("is over where it is the service's own refusal", async () => {
    const taskId = await saveTask('Refused');
    const path = new RegExp(`/tasks/${taskId}/run$`);
    gateway.setRules([{ method: 'POST', path, answer: { status: 422, body: envelope('UNPROCESSABLE') } }]);
    const { result } = await start(taskId);
    expect(await failureOf(result())).toMatchObject({
      type: 'TaskRejected',
      message: expect.stringContaining('told why'),
    });
    expect(lookedFor(taskId)).toBe(false);
  });

  it("is sent again where the service's refusal may pass", async () => {
    emulator.setScenario({ seconds: 1, rows: 5 });
    const taskId = await saveTask('In conflict');
    const path = new RegExp(`/tasks/${taskId}/run$`);
    gateway.setRules([{ method: 'POST', path, answer: { status: 409, body: envelope('CONFLICT') }, times: 3 }]);
    await (await start(taskId)).result();
    expect(executionsOf(taskId)).toHaveLength(1);
    expect(lookedFor(taskId)).toBe(false);
  });

  it('is not given up while nobody lets it be looked for', async () => {
    emulator.setScenario({ seconds: 1, rows: 5 });
    const taskId = await saveTask('Kept in doubt');
    const refused = { status: 401, body: envelope('UNAUTHORIZED') };
    gateway.setRules([
      {
        method: 'POST',
        path: new RegExp(`/tasks/${taskId}/run$`),
        answer: { status: 502 },
        afterEffect: true,
        times: 1,
      },
      { method: 'GET', path: new RegExp(`/tasks/${taskId}/executions`), answer: refused, times: 2 },
    ]);
    const { executionId } = await (await start(taskId)).result();
    expect(executionsOf(taskId)).toMatchObject([{ id: executionId }]);
  });
});

describe('a look for a lost request', () => {
  it('goes on after pages that fail, and does not begin anew', async () => {
    emulator.setScenario({ seconds: 1, rows: 5 });
    const taskId = await saveTask('Looked for');
    const path = (rest: string) => new RegExp(`/tasks/${taskId}/${rest}`);
    gateway.setRules([
      { method: 'POST', path: path('run$'), answer: { status: 502 }, times: 1 },
      { method: 'GET', path: path('executions'), answer: { status: 404, body: 'default backend - 404' }, times: 3 },
    ]);
    const { workflowId, result } = await start(taskId);
    await result();
    expect(executionsOf(taskId)).toHaveLength(1);
    const { events } = await place.client.workflow.getHandle(workflowId).fetchHistory();
    const submitted = events?.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'submitRun',
    );
    const started = events?.find(
      ({ activityTaskStartedEventAttributes: start }) => String(start?.scheduledEventId) === String(submitted?.eventId),
    );
    // The first one looked to the end, and found nothing; the second one has sent the request again.
    expect(started?.activityTaskStartedEventAttributes?.attempt).toBe(2);
  });
});

describe('what is paid for', () => {
  const all = (answer: GatewayAnswer, times?: number) =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      path: /\/executions/,
      answer,
      ...(times === undefined ? {} : { times }),
    }));

  it.each([
    ['404 text', { status: 404, body: 'default backend - 404' }],
    ['400 page', { status: 400, ...HTML }],
    ['redirect', { status: 302, headers: { location: '/login' } }],
  ] as const)(
    'is followed to its end through a quarter of a minute of a %s',
    async (name, answer) => {
      emulator.setScenario({ seconds: 3, rows: 5 });
      const taskId = await saveTask(`Through ${name}`);
      gateway.setRules([]);
      const { result } = await start(taskId);
      await vi.waitFor(() => expect(executionsOf(taskId)).toHaveLength(1), 20_000);
      gateway.setRules(all(answer));
      await sleep(15_000);
      gateway.setRules([]);
      expect(await result()).toMatchObject({ status: 'completed' });
      expect(executionsOf(taskId)).toMatchObject([{ status: 'completed', exports: 1 }]);
    },
    120_000,
  );

  it('is stopped at last where a gateway takes the request', async () => {
    emulator.setScenario({ seconds: 600, rows: 5 });
    const taskId = await saveTask('Stopped at last');
    gateway.setRules([]);
    const { workflowId } = await start(taskId);
    await vi.waitFor(() => expect(executionsOf(taskId)).toHaveLength(1), 20_000);
    gateway.setRules([{ method: 'POST', path: /\/stop$/, answer: { status: 404, body: 'no' }, times: 2 }]);
    const handle = place.client.workflow.getHandle(workflowId);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(executionsOf(taskId)).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('results that are not ready', () => {
  const CODES = [400, 404, 409, 410, 422, 425];
  const exportOf = (executionId: string): RegExp => new RegExp(`${executionId}/results/export`);
  const notReady = (status: number): GatewayAnswer => ({ status, body: envelope('NOT_READY') });

  async function startedRun(name: string, input: Partial<RunTaskInput>, workflowId: string = randomUUID()) {
    const taskId = await saveTask(name);
    const { result } = await start(taskId, input, workflowId);
    await vi.waitFor(() => expect(executionsOf(taskId)).toHaveLength(1), 20_000);
    return { taskId, executionId: executionsOf(taskId)[0]?.id ?? '', result, workflowId };
  }

  it('are asked for again, whatever the code', async () => {
    emulator.setScenario({ seconds: 4, rows: 5 });
    gateway.setRules([]);
    const runs = await Promise.all(CODES.map((code) => startedRun(`Late by ${code}`, {})));
    gateway.setRules(
      runs.map(({ executionId }, index) => ({
        method: 'GET',
        path: exportOf(executionId),
        answer: notReady(CODES[index] ?? 0),
        times: 2,
      })),
    );
    const results = await Promise.all(runs.map(({ result }) => result()));
    expect(results.map(({ status }) => status)).toEqual(CODES.map(() => 'completed'));
  }, 120_000);

  it('in time end the run, which then goes on without being paid again', async () => {
    emulator.setScenario({ seconds: 4, rows: 5 });
    gateway.setRules([]);
    const publish = [{ store: 'local', table: 'late_results', mode: 'append' }] as const;
    const run = await startedRun('Too late', { resultsWithin: '4 seconds', publish });
    const { executionId, workflowId, taskId } = run;
    gateway.setRules([{ method: 'GET', path: exportOf(executionId), answer: notReady(410) }]);
    const failure = await failureOf(run.result());
    expect(failure).toMatchObject({ type: 'ExportIncomplete', details: [{ executionId }] });
    expect(failure.message).toContain("the results were not ready 4 seconds after the execution's end");
    expect(failure.message).toContain('410 NOT_READY: told why');
    expect(failure.message).toMatch(/the service says of them: .*=/);
    expect(failure.message).toContain(`\`titanflow retry execution/${executionId}\` exports it again`);

    gateway.setRules([]);
    await retryWorkflow({ client: place.client, id: workflowId });
    expect(await place.client.workflow.getHandle(workflowId).result()).toMatchObject({ executionId });
    expect(executionsOf(taskId)).toHaveLength(1);
    expect(await readTable(place.out, 'late_results')).toHaveLength(5);
  }, 120_000);

  it('of what was cancelled are collected where they are late by a moment, and else there are none', async () => {
    emulator.setScenario({ seconds: 600, rows: 5 });
    gateway.setRules([]);
    const publish = [{ store: 'local', table: 'collected', mode: 'append' }] as const;
    const options = { onCancel: 'collect', publish, expect: { minRows: 0 } } as const;
    const runs = await Promise.all([startedRun('Collected late', options), startedRun('Never collected', options)]);
    const [late, never] = runs.map(({ executionId }) => executionId);
    gateway.setRules([
      { method: 'GET', path: exportOf(late ?? ''), answer: notReady(409), times: 2 },
      { method: 'GET', path: exportOf(never ?? ''), answer: notReady(404) },
    ]);
    const began = Date.now();
    const ends = await Promise.all(
      runs.map(async ({ workflowId }) => {
        const handle = place.client.workflow.getHandle(workflowId);
        await handle.cancel();
        await handle.result().catch(() => undefined);
        return (await handle.describe()).status.name;
      }),
    );
    expect(ends).toEqual(['CANCELLED', 'CANCELLED']);
    expect(Date.now() - began).toBeLessThan(90_000);
    expect(runs.map(({ taskId }) => executionsOf(taskId)[0]?.exports)).toEqual([1, 0]);
  }, 120_000);
});
