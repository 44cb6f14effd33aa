import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { executionWorkflowId } from '../../src/domain/ids.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { callByHand } from '../helpers/by-hand.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 600 } } });
  await place.startWorker();
});

afterAll(() => place.close());

const RUN = 'POST /tasks/:id/run';

async function start(name: string, faults: Scenario['faults'] = [], input: Partial<RunTaskInput> = {}) {
  place.emulator.setScenario({ seconds: 600, faults: faults ?? [] });
  const { workflowId } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name }, ...input });
  return place.client.workflow.getHandle(workflowId);
}

async function untilSent(name: string): Promise<void> {
  await vi.waitFor(() => expect(place.executionsOf(name)).toHaveLength(1), 40_000);
}

/** Owned, by any workflow, or over: no live execution may be left to itself. */
async function expectNoneAlone(name: string): Promise<void> {
  await vi.waitFor(async () => {
    for (const { id, status } of place.executionsOf(name)) {
      expect(status).toBe('cancelled');
      const { status: owner } = await place.client.workflow.getHandle(executionWorkflowId(id)).describe();
      expect(owner.name).toBe('CANCELLED');
    }
  }, 30_000);
}

async function endOf(handle: WorkflowHandle): Promise<string> {
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
}

const PHASES: [string, Scenario['faults']][] = [
  ['with its request in flight', [{ route: RUN, kind: 'delay', delaySeconds: 4, count: 1 }]],
  ['with its request in flight, and its answer lost', [{ route: RUN, kind: 'hang', count: 1 }]],
  ['after a lost reply', [{ route: RUN, kind: 'drop', count: 1 }]],
  ['while it waits', []],
];

describe.each(PHASES)('a run %s', (phase, faults) => {
  const isInFlight = faults?.[0]?.kind === 'delay';

  it('that is terminated leaves no execution alone', async () => {
    const name = `Terminated ${phase}`;
    const handle = await start(name, faults);
    if (isInFlight) await vi.waitFor(() => expect(place.emulator.ledger().faults['delay'] ?? 0).toBe(0), 20_000);
    else await untilSent(name);
    if (phase === 'while it waits') {
      const [execution] = place.executionsOf(name);
      const follower = place.client.workflow.getHandle(executionWorkflowId(execution?.id ?? ''));
      await vi.waitFor(() => follower.describe(), 20_000);
    }
    await new Promise((done) => setTimeout(done, 1_000));
    await handle.terminate('by the test');
    if (isInFlight) await untilSent(name);
    await expectNoneAlone(name);
  }, 90_000);

  it('that is cancelled stops its execution, and then ends as cancelled', async () => {
    const name = `Cancelled ${phase}`;
    const handle = await start(name, faults);
    if (!isInFlight) await untilSent(name);
    await new Promise((done) => setTimeout(done, 1_000));
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    await expectNoneAlone(name);
    expect(place.executionsOf(name).length).toBeLessThanOrEqual(1);
  }, 90_000);
});

/** An execution that none of our workflows has started. */
async function startedByHand(name: string): Promise<string> {
  const taskId = await callByHand(place.emulator, 'POST', '/tasks', { ...PRODUCT_TASK, name });
  return callByHand(place.emulator, 'POST', `/tasks/${taskId}/run`);
}

describe('a workflow that follows an execution by hand', () => {
  it('stops it when it is cancelled at once', async () => {
    const executionId = await startedByHand('By hand');
    const { workflowId } = await place.titanflow.followExecution({ executionId });
    const follower = place.client.workflow.getHandle(workflowId);
    await follower.cancel();
    expect(await endOf(follower)).toBe('CANCELLED');
    const execution = place.emulator.ledger().executions.find(({ id }) => id === executionId);
    expect(execution?.status).toBe('cancelled');
  });

  it('stops it when it is cancelled before any worker has seen it', async () => {
    const executionId = await startedByHand('Unseen');
    const taskQueue = `${place.config.taskQueue}-later`;
    const titanflow = createTitanflowClient({ client: place.client, taskQueue });
    const { workflowId } = await titanflow.followExecution({ executionId });
    const follower = place.client.workflow.getHandle(workflowId);
    await follower.cancel();
    await place.startWorker({ taskQueue });
    expect(await endOf(follower)).toBe('CANCELLED');
    const execution = place.emulator.ledger().executions.find(({ id }) => id === executionId);
    expect(execution?.status).toBe('cancelled');
  });
});
