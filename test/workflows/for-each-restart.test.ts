import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { freePort } from '../../src/free-port.js';
import { startCli } from '../helpers/cli.js';
import { SCRAPE } from '../helpers/for-each.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let server: TemporalServer | undefined;

beforeAll(async () => {
  const tasks = [{ name: 'Find', seconds: 0, rows: 20 }];
  place = await openWorkplace({ emulator: { scenario: { seconds: 2, rows: 3, tasks } } });
});

afterAll(async () => {
  await place.close();
  await server?.stop();
});

it('goes on after the Temporal server was restarted, pays for each batch once and loads each row once', async () => {
  const folder = join(place.out, '..');
  const [port, binary] = [await freePort(0), await temporalBinary()];
  const start = (): Promise<TemporalServer> =>
    startTemporalServer({ binary, port, dbFile: join(folder, 'temporal.db'), say: () => undefined });
  server = await start();
  const { address } = server;
  const { taskQueue } = place.config;
  await place.startWorker({ temporal: { connectionOptions: { address }, namespace: 'default' } });
  const file = join(folder, 'products.json');
  await writeFile(file, JSON.stringify(PIPELINE));
  const env = { TEMPORAL_ADDRESS: address, TITANFLOW_TASK_QUEUE: taskQueue };
  const running = startCli(['run', file, '--key', 'k', '--json'], { env });
  await vi.waitFor(() => expect(place.executionsOf('Scrape').length).toBeGreaterThan(3), 60_000);

  await server.stop();
  await running.says('Temporal does not answer');
  server = await start();

  const run = await running.ended;
  expect(JSON.parse(run.stdout)).toMatchObject({
    kind: 'completed',
    runs: { scrape: { batches: 10, completed: 10, executions: 10, published: [{ rows: 30, inserted: 30 }] } },
  });
  expect(place.executionsOf('Scrape')).toHaveLength(10);
  expect(await readTable(place.out, 'products')).toHaveLength(30);
}, 240_000);

const FOUND = { type: 'object', properties: { url: { type: 'string' } } };

const PIPELINE = {
  name: 'products',
  steps: {
    find: { task: { ...PRODUCT_TASK, name: 'Find', output_schema: FOUND } },
    scrape: {
      forEach: { rowsOf: 'find', field: 'url', batch: 2, parallel: 3 },
      task: SCRAPE,
      publish: [{ store: 'local', table: 'products', mode: 'append' }],
    },
  },
};
