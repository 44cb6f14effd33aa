import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

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
const LISTEN = '127.0.0.1:19473';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 1, rows: ROWS } } });
});

afterAll(() => place.close());

it('records that a pattern never ends with are rejects, and hold nobody up', async () => {
  const first = await startWorkerProcess(place, { TITANFLOW_LISTEN: LISTEN });
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
  expect((await fetch(`http://${LISTEN}/livez`)).status).toBe(200);
  expect(hasEnded).toBe(false);

  // It obeys while such a record is judged, and another worker goes on.
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  await startWorkerProcess(place, { TITANFLOW_LISTEN: LISTEN });
  expect(await result).toMatchObject({ status: 'completed', published: [{ rows: 0, rejected: ROWS }] });
  expect(place.executionsOf('Hostile pattern')).toHaveLength(1);
}, 240_000);
