import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { callByHand } from '../helpers/by-hand.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  await place.startWorker();
});

afterAll(() => place.close());

async function start(input: RunTaskInput) {
  return place.titanflow.runTask(randomUUID(), input);
}

/** A task made from a definition, or one that is given by its id. */
async function makeTask(name: string, kind: 'definition' | 'id') {
  const definition = { ...PRODUCT_TASK, name };
  if (kind === 'id') {
    const id = await callByHand(place.emulator, 'POST', '/tasks', definition);
    return { id, task: { id } };
  }
  const { taskId: id } = await (await start({ task: definition })).result();
  return { id, task: definition };
}

const set = (id: string, status: 'paused' | 'active') =>
  callByHand(place.emulator, 'PATCH', `/tasks/${id}`, { status });

async function waits(workflowId: string, id: string): Promise<void> {
  const handle = place.client.workflow.getHandle(workflowId);
  await vi.waitFor(async () => {
    const text = `task ${id} is paused at the service; resume it there`;
    expect(await handle.query('progress')).toMatchObject({ taskId: id, waitingFor: text });
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchAttributes.status)).toBe('paused');
  }, 20_000);
}

describe('a task that a person has paused', () => {
  it.each(['definition', 'id'] as const)('is waited for, and no other one is made: by %s', async (kind) => {
    const { id, task } = await makeTask(`Paused, by ${kind}`, kind);
    await set(id, 'paused');
    const paid = place.emulator.ledger().billed;
    const { counts: before } = place.emulator.ledger();
    const runs = await Promise.all([start({ task }), start({ task }), start({ task })]);
    for (const { workflowId } of runs) await waits(workflowId, id);
    expect(place.emulator.ledger().billed).toBe(paid);
    const asked = place.emulator.ledger().counts['GET /tasks/:id'] ?? 0;
    expect(asked - (before['GET /tasks/:id'] ?? 0)).toBeLessThanOrEqual(6);

    await set(id, 'active');
    const results = await Promise.all(runs.map(({ result }) => result()));
    expect(new Set(results.map(({ taskId }) => taskId))).toEqual(new Set([id]));
    expect(place.emulator.ledger().billed).toBe(paid + 3);
    expect(place.emulator.ledger().counts['POST /tasks']).toBe(before['POST /tasks']);
    const handle = place.client.workflow.getHandle(runs[0]?.workflowId ?? '');
    expect((await handle.describe()).typedSearchAttributes.get(searchAttributes.status)).toBe('completed');
  });

  it.each([400, 409] as const)('is waited for where only the run is refused, with %d', async (pausedStatus) => {
    const { id, task } = await makeTask(`Refused with ${pausedStatus}`, 'definition');
    place.emulator.setScenario({ seconds: 1, rows: 5, pausedStatus, statusCase: 'upper' });
    await set(id, 'paused');
    // This worker remembers the task, and does not ask for it.
    const { workflowId, result } = await start({ task });
    await waits(workflowId, id);
    expect(await place.client.workflow.getHandle(workflowId).query('progress')).toMatchObject({ phase: 'submitting' });
    place.emulator.setScenario({ seconds: 1, rows: 5 });
    await set(id, 'active');
    expect(await result()).toMatchObject({ taskId: id });
  });

  it('is waited for where only the run is refused, and the task cannot be read at first', async () => {
    const { id, task } = await makeTask('Refused and not read', 'definition');
    const faults = [{ route: 'GET /tasks/:id', status: 503, count: 3 }];
    place.emulator.setScenario({ seconds: 1, rows: 5, pausedStatus: 400, faults });
    await set(id, 'paused');
    const { workflowId, result } = await start({ task });
    await waits(workflowId, id);
    await set(id, 'active');
    expect(await result()).toMatchObject({ taskId: id });
  });

  it('is run where it was resumed before it could be read', async () => {
    const { id, task } = await makeTask('Refused and resumed', 'definition');
    const faults = [{ route: 'GET /tasks/:id', kind: 'delay' as const, delaySeconds: 3, count: 1 }];
    place.emulator.setScenario({ seconds: 1, rows: 5, pausedStatus: 400, faults });
    await set(id, 'paused');
    const { result } = await start({ task });
    const reads = (): number => place.emulator.ledger().counts['GET /tasks/:id'] ?? 0;
    const refused = (): boolean =>
      place.emulator.ledger().requests.some(({ path, status }) => path.endsWith(`${id}/run`) && status === 400);
    await vi.waitFor(() => expect(refused()).toBe(true), 20_000);
    const before = reads();
    await set(id, 'active');
    expect(await result()).toMatchObject({ taskId: id });
    expect(reads()).toBe(before + 1);
  });

  it('ends the run at once where the caller does not wait, and when it is not resumed in time', async () => {
    const { id, task } = await makeTask('Not waited for', 'definition');
    await set(id, 'paused');
    const atOnce = await failureOf((await start({ task, onPaused: 'fail' })).result());
    expect([atOnce.type, atOnce.details[0]]).toEqual(['TaskPaused', { taskId: id }]);
    expect(atOnce.message).toBe(`task ${id} is paused at the service; resume it there`);
    const inTheEnd = await failureOf((await start({ task, giveUpAfter: '3 seconds' })).result());
    expect(inTheEnd.type).toBe('TaskPaused');
    expect(inTheEnd.message).toContain('was not resumed within 3 seconds');
    expect(place.executionsOf('Not waited for')).toHaveLength(1);
  });

  it('holds up nothing that is paid for', async () => {
    const { id, task } = await makeTask('Paid for', 'definition');
    const executionId = await callByHand(place.emulator, 'POST', `/tasks/${id}/run`);
    await set(id, 'paused');
    const { result } = await start({ task, executionId });
    expect(await result()).toMatchObject({ taskId: id, executionId });
    expect(place.executionsOf('Paid for')).toHaveLength(2);
  });

  it('leaves nothing behind when the run is cancelled meanwhile', async () => {
    const { id, task } = await makeTask('Cancelled meanwhile', 'definition');
    await set(id, 'paused');
    const { workflowId } = await start({ task });
    await waits(workflowId, id);
    const handle = place.client.workflow.getHandle(workflowId);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(place.executionsOf('Cancelled meanwhile')).toHaveLength(1);
  });

  it('is made again where it is deleted meanwhile', async () => {
    const { id, task } = await makeTask('Deleted meanwhile', 'definition');
    await set(id, 'paused');
    const { workflowId, result } = await start({ task });
    await waits(workflowId, id);
    await fetch(`${place.emulator.url}/api/v1/tasks/${id}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer any' },
    });
    const { taskId } = await result();
    expect(taskId).not.toBe(id);
  });
});
