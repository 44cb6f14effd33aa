import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { startCli, type RunningCli } from '../helpers/cli.js';
import { CANARY, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

/** A text that the pattern tries in 2^38 ways. */
const HOSTILE = `${'a'.repeat(38)}!`;
const HOSTILE_TASK = {
  ...PRODUCT_TASK,
  name: 'Hostile pattern',
  output_schema: {
    type: 'object',
    required: ['email'],
    properties: { email: { type: 'string', pattern: '^([a-z0-9]+)+@', enum: [HOSTILE] } },
  },
};
const ROWS = 12;
const PROBE = 'http://127.0.0.1:19473/livez';

let place: Workplace;
const workers: RunningCli[] = [];

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 1, rows: ROWS } } });
});

afterEach(async () => {
  for (const { child, ended } of workers.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

afterAll(() => place.close());

async function startWorkerProcess(): Promise<RunningCli> {
  const env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STAGING: place.staging,
    TITANFLOW_LISTEN: '127.0.0.1:19473',
    TITAN_API_URL: place.config.titan.url,
    TITAN_TOKEN: CANARY,
  };
  const worker = startCli(['worker'], { env, cwd: join(place.out, '..') });
  workers.push(worker);
  await worker.says('working on task queue');
  return worker;
}

it('records that a pattern never ends with are rejects, and hold nobody up', async () => {
  const first = await startWorkerProcess();
  const hostile = await place.titanflow.runTask(randomUUID(), {
    task: HOSTILE_TASK,
    publish: [{ store: 'local', table: 'hostile', mode: 'append' }],
    expect: { minRows: 0, maxRejected: 1 },
  });
  let hasEnded = false;
  const result = hostile.result().finally(() => {
    hasEnded = true;
  });
  const other = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Another' } });
  expect(await other.result()).toMatchObject({ status: 'completed' });
  expect((await fetch(PROBE)).status).toBe(200);
  expect(hasEnded).toBe(false);

  // It obeys while such a record is judged, and another worker goes on.
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  await startWorkerProcess();
  expect(await result).toMatchObject({ status: 'completed', published: [{ rows: 0, rejected: ROWS }] });
  expect(place.executionsOf('Hostile pattern')).toHaveLength(1);
}, 240_000);
