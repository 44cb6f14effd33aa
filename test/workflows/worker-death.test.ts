import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 5, rows: 5 } } });
});

afterAll(() => place.close());

describe('a worker that is killed while an execution is running', () => {
  it('is replaced by another: the run goes on, is paid for once, and no row is double', async () => {
    const first = await startWorkerProcess(place);
    const publish = [{ store: 'local', table: 'survivor', mode: 'append' }] as const;
    const { result } = await place.titanflow.runTask(randomUUID(), { task: PRODUCT_TASK, publish });
    await vi.waitFor(() => expect(place.emulator.ledger().executions).toMatchObject([{ status: 'running' }]), 20_000);

    first.child.kill('SIGKILL');
    await first.ended;
    await startWorkerProcess(place);

    expect(await result()).toMatchObject({ status: 'completed', published: [{ rows: 5, inserted: 5 }] });
    expect(place.emulator.ledger().billed).toBe(1);
    expect(await readTable(place.out, 'survivor')).toHaveLength(5);
  }, 120_000);
});

describe('a worker that is told to stop', () => {
  it('hands over what it waits for at once, and leaves the execution alone', async () => {
    const first = await startWorkerProcess(place);
    const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Handed over' } });
    const execution = () =>
      place.emulator.ledger().executions.find(({ taskName }) => taskName.startsWith('Handed over'));
    await vi.waitFor(() => expect(execution()?.status).toBe('running'), 20_000);

    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    await startWorkerProcess(place);

    expect(await result()).toMatchObject({ status: 'completed' });
    expect(execution()?.status).toBe('completed');
  }, 60_000);
});
