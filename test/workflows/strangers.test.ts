import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionWorkflowId } from '../../src/domain/ids.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { callByHand } from '../helpers/by-hand.js';
import { startServer } from '../helpers/http-server.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

const HEADERS = { authorization: 'Bearer any', 'content-type': 'application/json' };
const LOST = { route: 'POST /tasks/:id/run', kind: 'drop', count: 1 } as const;
const UNREAD = { route: 'GET /executions/:id', kind: 'refuse', status: 503, count: 1 } as const;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  await place.startWorker();
});

afterAll(() => place.close());

async function start(input: RunTaskInput) {
  return place.titanflow.runTask(randomUUID(), input);
}

const post = (path: string, body?: object) => callByHand(place.emulator, 'POST', path, body);

describe('an execution of another task', () => {
  it.each<[string, Scenario]>([
    ['a list shows it', { strangers: 30 }],
    ['a list shows it, and writes ids in capitals', { strangers: 30, idCase: 'upper' }],
    [
      'its id is in capitals, and it cannot be read at first',
      { strangers: 30, idCase: 'upper', faults: [LOST, UNREAD] },
    ],
  ])('is not adopted: %s', async (name, more) => {
    place.emulator.setScenario({ seconds: 1, rows: 5, faults: [LOST], ...more });
    const { result } = await start({ task: { ...PRODUCT_TASK, name } });
    const { executionId } = await result();
    expect(place.executionsOf(name)).toMatchObject([{ id: executionId }]);
  });

  it('is not followed for a task', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5 });
    const one = await post('/tasks', { ...PRODUCT_TASK, name: 'One' });
    const other = await post('/tasks', { ...PRODUCT_TASK, name: 'Other' });
    const executionId = await post(`/tasks/${other}/run`);
    const publish = [{ store: 'local', table: 'strangers', mode: 'append' }] as const;

    const run = await failureOf((await start({ task: { id: one }, executionId, publish })).result());
    expect([run.type, run.message]).toEqual([
      'InvalidInput',
      `execution ${executionId} is of task ${other}, not of ${one}; give the task that it is of, or another execution`,
    ]);
    const options = { workflowId: executionWorkflowId(executionId), taskQueue: place.config.taskQueue };
    const followed = place.client.workflow.execute('followExecution', {
      ...options,
      args: [{ executionId, task: { id: one }, publish }],
    });
    expect((await failureOf(followed)).type).toBe('InvalidInput');
    const { result } = await start({ task: { id: other }, executionId, publish });
    expect(await result()).toMatchObject({ executionId, taskId: other, published: [{ rows: 5 }] });
  });

  it('is not taken from the answer to a run: whether one was started nobody knows', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5 });
    const stranger = '00000000-0000-4000-8000-000000000000';
    const mixedUp = await startServer((request, response) => {
      const answer = async (): Promise<void> => {
        const body = await forwarded(request);
        const isRun = request.url?.endsWith('/run') === true;
        response.end(isRun ? body.replace(/"task_id":"[^"]*"/, `"task_id":"${stranger}"`) : body);
      };
      void answer();
    });
    const elsewhere = await openWorkplace({ titan: { url: mixedUp.url } });
    await elsewhere.startWorker();
    const task = { ...PRODUCT_TASK, name: 'Mixed up' };
    const { result } = await elsewhere.titanflow.runTask(randomUUID(), { task });
    const failure = await failureOf(result());
    const [execution] = place.executionsOf('Mixed up');
    expect(failure.type).toBe('RunOutcomeUnknown');
    expect(failure.message).toContain(`execution ${execution?.id}, which it says is of task ${stranger}`);
    expect(place.executionsOf('Mixed up')).toHaveLength(1);
    await elsewhere.close();
    await mixedUp.close();
  });
});

async function forwarded(request: IncomingMessage): Promise<string> {
  const { url = '', method = 'GET' } = request;
  const sent = await text(request);
  const body = sent === '' ? {} : { body: sent };
  return (await fetch(`${place.emulator.url}${url}`, { method, headers: HEADERS, ...body })).text();
}
