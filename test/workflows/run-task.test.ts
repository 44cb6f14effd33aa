import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import {
  CANARY,
  failureOf,
  filesBelow,
  openWorkplace,
  PRODUCT_TASK,
  readTable,
  type Workplace,
} from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ secrets: { SHOP_KEY: 'canary-secret-19b2' } });
  await place.startWorker();
});

afterAll(() => place.close());

/** A task that the scenario can tell apart, and a table of its own. */
function inputFor(name: string, changes: Partial<RunTaskInput> = {}): RunTaskInput {
  return {
    task: { ...PRODUCT_TASK, name },
    publish: [{ store: 'local', table: tableOf(name), mode: 'append' }],
    ...changes,
  };
}

function tableOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '_');
}

async function start(input: RunTaskInput, workflowId = `run-${randomUUID()}`) {
  return place.titanflow.runTask(workflowId, input);
}

describe('a run', () => {
  it('goes from a definition to rows in a store, and is billed once', async () => {
    const { result, workflowId } = await start(inputFor('Whole way'));
    const done = await result();
    const [execution] = place.executionsOf('Whole way');
    expect(done).toMatchObject({
      executionId: execution?.id,
      taskId: execution?.taskId,
      status: 'completed',
      export: { format: 'json', records: 5 },
      published: [
        {
          store: 'local',
          table: 'whole_way',
          mode: 'append',
          superseded: false,
          records: 5,
          rows: 5,
          rejected: 0,
          inserted: 5,
        },
      ],
    });
    expect(done.export.sha256).toMatch(/^[0-9a-f]{64}$/);
    const rows = await readTable(place.out, 'whole_way');
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({ _titan_execution: done.executionId, _titan_row: 0, title: expect.any(String) });
    const description = await place.client.workflow.getHandle(workflowId).describe();
    expect(description.status.name).toBe('COMPLETED');
    expect(place.executionsOf('Whole way')).toHaveLength(1);
  });

  it('needs at most 55 events over both workflows', async () => {
    const { result, workflowId } = await start(inputFor('Few events'));
    const { executionId } = await result();
    const histories = await Promise.all(
      [workflowId, `execution/${executionId}`].map((id) => place.client.workflow.getHandle(id).fetchHistory()),
    );
    const events = histories.reduce((sum, { events }) => sum + (events?.length ?? 0), 0);
    expect(events).toBeLessThanOrEqual(55);
  });

  it('shares one task among equal definitions', async () => {
    await Promise.all([(await start(inputFor('Shared'))).result(), (await start(inputFor('Shared'))).result()]);
    const executions = place.executionsOf('Shared');
    expect(executions).toHaveLength(2);
    expect(new Set(executions.map(({ taskId }) => taskId)).size).toBe(1);
    expect(await readTable(place.out, 'shared')).toHaveLength(10);
  });

  it('of a task that exists asks the task for its schema', async () => {
    const first = await (await start(inputFor('By id'))).result();
    const { result } = await start({
      task: { id: first.taskId },
      publish: [{ store: 'local', table: 'by_id', mode: 'append' }],
    });
    expect(await result()).toMatchObject({ taskId: first.taskId, published: [{ rows: 5 }] });
  });

  it('without publications stages the export and publishes nothing', async () => {
    const { result } = await start({ task: { ...PRODUCT_TASK, name: 'Only export' } });
    const done = await result();
    expect(done.published).toEqual([]);
    const document = JSON.parse(await readFile(new URL(done.export.uri), 'utf8')) as unknown[];
    expect(document).toHaveLength(5);
  });

  it('answers the query progress, and shows it in its current details', async () => {
    const { result, workflowId } = await start(inputFor('Shown'));
    const { executionId } = await result();
    const handle = place.client.workflow.getHandle(workflowId);
    expect(await handle.query('progress')).toMatchObject({
      phase: 'completed',
      executionId,
      rows: 5,
      status: 'completed',
    });
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toContain(executionId);
  });

  it('keeps token and secrets out of histories and files', async () => {
    const { result, workflowId } = await start(inputFor('Secret', { secretPayload: { api_key: 'SHOP_KEY' } }));
    const { executionId } = await result();
    const histories = await Promise.all(
      [workflowId, `execution/${executionId}`].map((id) => place.client.workflow.getHandle(id).fetchHistory()),
    );
    const files = [...(await filesBelow(place.out)), ...(await filesBelow(place.staging))];
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    // Payloads are base64 in a raw history.
    const payloads = [...JSON.stringify(histories).matchAll(/"data":"([^"]*)"/g)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString(),
    );
    expect(payloads.join()).toContain('SHOP_KEY');
    for (const text of [...texts, ...payloads, JSON.stringify(histories), JSON.stringify(place.emulator.ledger())]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain('canary-secret-19b2');
    }
  });
});

describe('a run that does not end well fails its workflow', () => {
  it('as ExecutionFailed, with the ids of what was paid for', async () => {
    place.emulator.setScenario({
      seconds: 1,
      rows: 5,
      tasks: [{ name: 'Breaks', status: 'failed', error: 'site is down' }],
    });
    const failure = await failureOf((await start(inputFor('Breaks'))).result());
    const [execution] = place.executionsOf('Breaks');
    expect(failure).toMatchObject({ type: 'ExecutionFailed', nonRetryable: true });
    expect(failure.message).toContain(`execution ${execution?.id} ended as failed: site is down`);
    expect(failure.details[0]).toMatchObject({ taskId: execution?.taskId, executionId: execution?.id });
  });

  it('as ExecutionFailed with the staged export when it completed with errors', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5, tasks: [{ name: 'Partly', status: 'completed_with_errors' }] });
    const failure = await failureOf((await start(inputFor('Partly'))).result());
    expect(failure).toMatchObject({ type: 'ExecutionFailed', details: [{ export: { records: 5 } }] });
    const accepted = await (await start(inputFor('Partly', { accept: 'partial' }))).result();
    expect(accepted).toMatchObject({ status: 'completed_with_errors', published: [{ rows: 5 }] });
  });

  it('as ExecutionCancelled when somebody else stopped it', async () => {
    place.emulator.setScenario({ seconds: 1, tasks: [{ name: 'Stopped', status: 'cancelled' }] });
    const failure = await failureOf((await start(inputFor('Stopped'))).result());
    expect(failure).toMatchObject({ type: 'ExecutionCancelled', message: expect.stringContaining('not by us') });
  });

  it('as ExpectationFailed when it found nothing, unless that is fine', async () => {
    place.emulator.setScenario({ seconds: 1, tasks: [{ name: 'Empty', rows: 0 }] });
    const failure = await failureOf((await start(inputFor('Empty'))).result());
    expect(failure).toMatchObject({ type: 'ExpectationFailed', details: [{ export: { records: 0 } }] });
    expect(failure.message).toContain('0 valid rows of 0 records, expected at least 1');
    const fine = await (await start(inputFor('Empty', { expect: { minRows: 0 } }))).result();
    expect(fine.published).toMatchObject([{ rows: 0 }]);
  });

  it('as TaskRejected when the service refuses the task', async () => {
    place.emulator.setScenario({
      tasks: [{ name: 'Refused', refuse: { status: 400, code: 'BAD_REQUEST', message: 'urls: too many' } }],
    });
    const failure = await failureOf((await start(inputFor('Refused'))).result());
    expect(failure).toMatchObject({
      type: 'TaskRejected',
      message: "POST /api/v1/tasks: 400 BAD_REQUEST: urls: too many; mend the task's definition",
    });
  });

  it('as NotFound when there is no such task', async () => {
    const failure = await failureOf((await start({ task: { id: randomUUID() } })).result());
    expect(failure).toMatchObject({ type: 'NotFound', message: expect.stringContaining('404 NOT_FOUND') });
  });

  it('as InvalidInput before any request when a key is misspelt', async () => {
    const before = place.emulator.ledger().requests.length;
    const input = { ...inputFor('Typo'), publsh: [] } as RunTaskInput;
    const failure = await failureOf((await start(input)).result());
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: 'runTask: unknown key "publsh", did you mean "publish"?',
    });
    expect(place.emulator.ledger().requests).toHaveLength(before);
  });

  it.each([undefined, null, 'text', [], { task: 'x' }])('as InvalidInput when its input is %j', async (input) => {
    const failure = await failureOf((await start(input as never)).result());
    expect(failure.type).toBe('InvalidInput');
  });

  it('as InvalidInput before any request when a store is unknown', async () => {
    const before = place.emulator.ledger().requests.length;
    const input = inputFor('Elsewhere', { publish: [{ store: 'locl', table: 't', mode: 'append' }] });
    const failure = await failureOf((await start(input)).result());
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain('"local"');
    expect(place.emulator.ledger().requests).toHaveLength(before);
  });

  it('as InvalidInput when the worker lacks a secret', async () => {
    const failure = await failureOf(
      (await start(inputFor('No secret', { secretPayload: { k: 'OTHER_KEY' } }))).result(),
    );
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('TITANFLOW_SECRET_OTHER_KEY'),
    });
  });

  it('as InvalidInput before anything is paid for when no row could be judged by the schema', async () => {
    const task = { ...PRODUCT_TASK, name: 'Bad schema', output_schema: { type: 'object', required: 'title' } };
    const failure = await failureOf((await start({ task })).result());
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('output_schema') });
    expect(place.executionsOf('Bad schema')).toEqual([]);
  });

  it('as InvalidInput for a scheduled task, with what to use', async () => {
    const task = { ...PRODUCT_TASK, name: 'Scheduled', execution_type: 'scheduled', schedule: '0 * * * *' };
    const failure = await failureOf((await start({ task })).result());
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('single') });
  });

  it('as DeadlineExceeded, and the execution is stopped', async () => {
    place.emulator.setScenario({ tasks: [{ name: 'Too long', seconds: 600 }] });
    const failure = await failureOf((await start(inputFor('Too long', { deadline: '3 seconds' }))).result());
    expect(failure).toMatchObject({ type: 'DeadlineExceeded', message: expect.stringContaining('it was stopped') });
    expect(place.executionsOf('Too long')).toMatchObject([{ status: 'cancelled' }]);
  });

  it('as DeadlineExceeded, and the execution is left alone if that is wanted', async () => {
    place.emulator.setScenario({ tasks: [{ name: 'Abandoned', seconds: 600 }] });
    const input = inputFor('Abandoned', { deadline: '3 seconds', onDeadline: 'abandon' });
    const failure = await failureOf((await start(input)).result());
    expect(failure).toMatchObject({ type: 'DeadlineExceeded', message: expect.stringContaining('left running') });
    expect(place.executionsOf('Abandoned')).toMatchObject([{ status: 'running' }]);
  });
});
