import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTitanflowClient, type TitanflowClient } from '../../src/client/titanflow-client.js';
import { executionWorkflowId } from '../../src/domain/ids.js';
import type { SweepInput, SweepResult } from '../../src/domain/orphans.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { createTaskEnsurer } from '../../src/task-service/ensure-task.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { CANARY, failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let service: TaskService;
let otherQueue: string;
let other: TitanflowClient;

/** Two installations on one account, with a task queue each. */
beforeAll(async () => {
  place = await openWorkplace();
  service = createTaskService({ url: place.emulator.url, token: CANARY });
  otherQueue = `${place.config.taskQueue}-there`;
  other = createTitanflowClient({ client: place.client, taskQueue: otherQueue });
  await Promise.all([
    place.startWorker({ instance: 'here' }),
    place.startWorker({ instance: 'there', taskQueue: otherQueue }),
  ]);
});

afterEach(async () => {
  // What is left alive would be found by the next test's sweep.
  place.emulator.setScenario({});
  const live = place.emulator.ledger().executions.filter(({ status }) => status === 'running' || status === 'queued');
  await Promise.all(live.map(({ id }) => service.executions.stop(id).catch(() => undefined)));
});

afterAll(() => place.close());

const LONG = { seconds: 600, rows: 5 };

/** An execution that was started behind everybody's back, of a task that an installation has made. */
async function startOrphan(name: string, instance = 'here', scenario: Scenario = LONG): Promise<string> {
  place.emulator.setScenario(scenario);
  const taskId = await createTaskEnsurer(service, instance).ensure({ ...PRODUCT_TASK, name }, []);
  return (await service.tasks.run(taskId)).id;
}

async function sweep(input: SweepInput = {}, taskQueue = place.config.taskQueue): Promise<SweepResult> {
  const options = { workflowId: `sweep-${randomUUID()}`, taskQueue };
  return place.client.workflow.execute('sweepOrphans', { ...options, args: [{ olderThan: '1 second', ...input }] });
}

/** Sweeps until something is old enough to be found. */
async function sweepUntilFound(input: SweepInput = {}, taskQueue = place.config.taskQueue): Promise<SweepResult> {
  return vi.waitFor(
    async () => {
      const result = await sweep(input, taskQueue);
      expect(result.found).toBeGreaterThan(0);
      return result;
    },
    { timeout: 30_000, interval: 500 },
  );
}

async function statusOf(executionId: string): Promise<string> {
  return (await service.executions.get(executionId)).status;
}

async function ownerStatus(executionId: string): Promise<string> {
  const handle = place.client.workflow.getHandle(executionWorkflowId(executionId));
  return handle.describe().then(
    ({ status }) => status.name,
    () => 'NOBODY',
  );
}

describe('a live execution that no workflow owns', () => {
  it('is reported, and otherwise left as it is', async () => {
    const executionId = await startOrphan('Reported');
    const { task_id: taskId, created_at: createdAt } = await service.executions.get(executionId);
    expect(await sweepUntilFound()).toEqual({
      looked: 1,
      found: 1,
      orphans: [{ executionId, taskId, taskName: 'Reported', status: 'running', createdAt, action: 'reported' }],
      isComplete: true,
    });
    expect([await statusOf(executionId), await ownerStatus(executionId)]).toEqual(['running', 'NOBODY']);
  });

  it('is adopted once, and its rows arrive', async () => {
    const executionId = await startOrphan('Adopted', 'here', { seconds: 12, rows: 5 });
    const publish = [{ store: 'local', table: 'adopted', mode: 'append' }] as const;
    const policy = 'adopt';
    const { orphans } = await sweepUntilFound({ policy, follow: { publish } });
    expect(orphans).toMatchObject([{ executionId, action: 'adopted' }]);
    expect(await sweep({ policy })).toMatchObject({ looked: 1, found: 0 });
    const follower = place.client.workflow.getHandle(executionWorkflowId(executionId));
    expect(await follower.result()).toMatchObject({ executionId, published: [{ rows: 5, inserted: 5 }] });
    expect(await readTable(place.out, 'adopted')).toHaveLength(5);
  });

  it('is stopped, by the workflow that claims it', async () => {
    const executionId = await startOrphan('Stopped');
    const { orphans } = await sweepUntilFound({ policy: 'stop' });
    expect(orphans).toMatchObject([{ executionId, action: 'stopped' }]);
    await vi.waitFor(async () => expect(await ownerStatus(executionId)).toBe('CANCELLED'), 30_000);
    expect(await statusOf(executionId)).toBe('cancelled');
  });

  it('is stopped although its task was deleted', async () => {
    const executionId = await startOrphan('Stopped and deleted');
    const { task_id: taskId } = await service.executions.get(executionId);
    const path = `${place.emulator.url}/api/v1/tasks/${taskId}`;
    await fetch(path, { method: 'DELETE', headers: { authorization: `Bearer ${CANARY}` } });
    await sweepUntilFound({ policy: 'stop' });
    await vi.waitFor(async () => expect(await statusOf(executionId)).toBe('cancelled'), 30_000);
  });

  it('is shown by the query and in the Web UI', async () => {
    const executionId = await startOrphan('Shown');
    await sweepUntilFound();
    const workflowId = `sweep-${randomUUID()}`;
    const options = { workflowId, taskQueue: place.config.taskQueue, args: [{ olderThan: '1 second' }] };
    await place.client.workflow.execute('sweepOrphans', options);
    const handle = place.client.workflow.getHandle(workflowId);
    expect(await handle.query('progress')).toMatchObject({ phase: 'completed', sweep: { orphans: [{ executionId }] } });
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toContain(`| \`${executionId}\` | Shown | running |`);
  });

  it('is only reported where the service does not say when it was created', async () => {
    const executionId = await startOrphan('Undated', 'here', { ...LONG, timestamps: false });
    for (const policy of ['adopt', 'stop'] as const) {
      const { orphans } = await sweep({ policy, olderThan: '15 minutes' });
      expect(orphans).toEqual([expect.objectContaining({ executionId, action: 'reported' })]);
      expect(orphans[0]).not.toHaveProperty('createdAt');
    }
    expect([await statusOf(executionId), await ownerStatus(executionId)]).not.toContain('cancelled');
  });

  it.each<[string, Scenario]>([
    ['says of no execution whose it is', { hidden: ['task_id'] }],
    ['has no list of all executions', { faults: [{ route: 'GET /executions', status: 501 }] }],
  ])('is found where the service %s', async (dialect, scenario) => {
    const executionId = await startOrphan(`Found: ${dialect}`, 'here', { ...LONG, ...scenario });
    await startOrphan(`Found: ${dialect}`, 'there', { ...LONG, ...scenario });
    const result = await sweepUntilFound({ policy: 'stop' });
    expect(result).toMatchObject({ looked: 1, found: 1, orphans: [{ executionId, action: 'stopped' }] });
    await vi.waitFor(async () => expect(await statusOf(executionId)).toBe('cancelled'), 30_000);
  });
});

describe('left alone is an execution', () => {
  it('that somebody owns', async () => {
    place.emulator.setScenario(LONG);
    const name = 'Owned';
    const { workflowId } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name } });
    const run = place.client.workflow.getHandle(workflowId);
    await vi.waitFor(async () => expect(await run.query('progress')).toMatchObject({ phase: 'waiting' }), 20_000);
    const orphan = await startOrphan('Beside an owned one');
    const { looked, orphans } = await sweepUntilFound({ policy: 'stop' });
    expect([looked, orphans.map(({ executionId }) => executionId)]).toEqual([2, [orphan]]);
    expect(place.executionsOf(name)).toMatchObject([{ status: 'running' }]);
    await run.cancel();
  });

  it('that is young', async () => {
    const executionId = await startOrphan('Young');
    await vi.waitFor(async () => expect(await statusOf(executionId)).toBe('running'), 20_000);
    expect(await sweep({ policy: 'stop', olderThan: '10 minutes' })).toMatchObject({ looked: 1, found: 0 });
    const byDefault = { workflowId: `sweep-${randomUUID()}`, taskQueue: place.config.taskQueue };
    expect(await place.client.workflow.execute('sweepOrphans', byDefault)).toMatchObject({ looked: 1, found: 0 });
    expect(await ownerStatus(executionId)).toBe('NOBODY');
  });

  it('of a task that carries no mark', async () => {
    place.emulator.setScenario(LONG);
    const task = await service.tasks.create({ ...PRODUCT_TASK, name: 'By hand' });
    const byHand = (await service.tasks.run(task.id)).id;
    const orphan = await startOrphan('Beside one by hand');
    const { looked, orphans } = await sweepUntilFound({ policy: 'stop' });
    expect([looked, orphans.map(({ executionId }) => executionId)]).toEqual([2, [orphan]]);
    expect([await statusOf(byHand), await ownerStatus(byHand)]).toEqual(['running', 'NOBODY']);
  });

  it('of another installation', async () => {
    const there = await startOrphan('Of another one', 'there');
    expect(await sweepUntilFound({}, otherQueue)).toMatchObject({ looked: 1, orphans: [{ executionId: there }] });
    expect(await sweep({ policy: 'stop' })).toMatchObject({ looked: 1, found: 0 });
    expect([await statusOf(there), await ownerStatus(there)]).toEqual(['running', 'NOBODY']);
  });
});

describe('two installations that run the same definition on one account', () => {
  it('never take each other for their own, not even after a lost reply', async () => {
    place.emulator.setScenario({
      ...LONG,
      seconds: 25,
      faults: [{ route: 'POST /tasks/:id/run', kind: 'drop', count: 1 }],
    });
    const task = { ...PRODUCT_TASK, name: 'Shared definition' };
    const lost = await place.titanflow.runTask(randomUUID(), { task });
    await vi.waitFor(() => expect(place.emulator.ledger().faults).toMatchObject({ drop: 1 }), 20_000);
    // While the first run looks, and without an owner for its whole life: what it must not adopt.
    const theirs = await startOrphan('Shared definition', 'there', { ...LONG, seconds: 25 });
    const run = await other.runTask(randomUUID(), { task });
    const swept = await sweepUntilFound({}, otherQueue);
    expect(swept.orphans.map(({ executionId }) => executionId)).toEqual([theirs]);

    const [here, there] = await Promise.all([lost.result(), run.result()]);
    expect(here.taskId).not.toBe(there.taskId);
    expect(place.executionsOf('Shared definition')).toHaveLength(3);
    const taskOf = async (id: string): Promise<unknown> => (await service.executions.get(id)).task_id;
    expect(await taskOf(here.executionId)).toBe(here.taskId);
    expect(await taskOf(theirs)).toBe(there.taskId);
    expect([here.executionId, there.executionId]).not.toContain(theirs);
    expect(await ownerStatus(theirs)).toBe('NOBODY');
  }, 120_000);
});

describe('a sweep', () => {
  it.each<[string, object, string]>([
    ['a misspelt key', { polcy: 'stop' }, 'unknown key "polcy", did you mean "policy"?'],
    ['a bad duration', { olderThan: 'soon' }, 'must be a duration'],
    ['an option of no use', { follow: {} }, '"follow" goes with policy "adopt" only'],
    [
      'an unknown store',
      { policy: 'adopt', follow: { publish: [{ store: 'locl', table: 't', mode: 'append' }] } },
      'local',
    ],
  ])('is refused for %s before any request', async (_, input, message) => {
    const before = place.emulator.ledger().counts['GET /executions'];
    const options = { workflowId: `sweep-${randomUUID()}`, taskQueue: place.config.taskQueue, args: [input] };
    const failure = await failureOf(place.client.workflow.execute('sweepOrphans', options));
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining(message) });
    expect(place.emulator.ledger().counts['GET /executions']).toBe(before);
  });

  it('is made again after an outage, and claims nothing twice', async () => {
    const executionId = await startOrphan('Outage', 'here', LONG);
    await sweepUntilFound();
    place.emulator.setScenario({ ...LONG, faults: [{ route: 'GET /executions', status: 503, count: 2 }] });
    expect(await sweep({ policy: 'adopt' })).toMatchObject({ found: 1, orphans: [{ executionId, action: 'adopted' }] });
    await place.client.workflow.getHandle(executionWorkflowId(executionId)).cancel();
  });

  it('ends as cancelled when it is cancelled', async () => {
    place.emulator.setScenario({ ...LONG, faults: [{ route: 'GET /executions', kind: 'hang' }] });
    const options = { workflowId: `sweep-${randomUUID()}`, taskQueue: place.config.taskQueue, args: [{}] };
    const handle = await place.client.workflow.start('sweepOrphans', options);
    await vi.waitFor(async () => expect(await handle.query('progress')).toMatchObject({ phase: 'running' }), 20_000);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
});
