import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readProgress, type Sighting } from '../../src/client/read-progress.js';
import { describeSighting } from '../../src/commands/describe-sighting.js';
import { startPostgres, type TestPostgres } from '../helpers/postgres.js';
import { openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let postgres: TestPostgres;
let place: Workplace;
let somebody: Client;

beforeAll(async () => {
  postgres = await startPostgres();
  place = await openWorkplace({
    stores: { warehouse: { kind: 'postgres', url: postgres.url } },
    emulator: { scenario: { seconds: 0, rows: 5 } },
  });
  await place.startWorker();
  somebody = new Client({ connectionString: postgres.url, application_name: 'a shell' });
  await somebody.connect();
});

afterAll(async () => {
  await somebody.end();
  await place.close();
  await postgres.stop();
});

async function run(store: string, table: string) {
  const publish = [{ store, table, mode: 'append' }] as const;
  return place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: `Into ${table}` }, publish });
}

function waits(sighting: Sighting): string[] {
  const own = sighting.pending.flatMap(({ waitingFor }) => waitingFor ?? []);
  return [...own, ...Object.values(sighting.below).flatMap(waits)];
}

const LOCKED = Array.from({ length: 6 }, (_, index) => `locked_${index}`);

it('loads other tables and stores while somebody holds the locks of many, says who, and loads each of these once', async () => {
  for (const table of [...LOCKED, 'free']) await (await run('warehouse', table)).result();
  const { rows } = await somebody.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await somebody.query(`BEGIN; LOCK TABLE ${LOCKED.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  const blocked = await Promise.all(LOCKED.map((table) => run('warehouse', table)));
  const held = `held by pid ${rows[0]?.pid} (a shell, idle in transaction since 20`;

  await vi.waitFor(async () => {
    const sightings = await Promise.all(blocked.map(({ workflowId }) => readProgress(place.client, workflowId)));
    const said = sightings.flatMap(waits).filter((text) => text.includes(held));
    expect(said.length).toBeGreaterThanOrEqual(4);
  }, 40_000);
  // Whose turn comes later waits for that.
  const lines = await Promise.all(
    blocked.map(
      async ({ workflowId }) => describeSighting(await readProgress(place.client, workflowId))[0]?.text ?? '',
    ),
  );
  const atLocks = lines.filter((text) => text.includes(held));
  expect(atLocks.length).toBeGreaterThan(0);
  for (const text of atLocks) expect(text).toMatch(/the lock of warehouse, table locked_\d/);

  const since = Date.now();
  const others = [run('warehouse', 'free'), run('warehouse', 'new'), run('local', 'elsewhere'), run('local', 'free')];
  for (const other of others) expect(await (await other).result()).toMatchObject({ published: [{ inserted: 5 }] });
  expect(Date.now() - since).toBeLessThan(20_000);
  expect(await readTable(place.out, 'elsewhere')).toHaveLength(5);

  // Longer than a lock is waited for, so that some come back for it.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  await somebody.query('COMMIT');
  for (const { result } of blocked) expect(await result()).toMatchObject({ published: [{ rows: 5, inserted: 5 }] });
  const counted = await somebody.query<{ table: string; runs: number; rows: number }>(
    `SELECT "table", count(*)::int AS runs, sum(rows)::int AS rows FROM titanflow.receipts
     WHERE "table" LIKE '%locked%' GROUP BY 1 ORDER BY 1`,
  );
  expect(counted.rows).toEqual(LOCKED.map((table) => ({ table: `public.${table}`, runs: 2, rows: 10 })));
  for (const table of LOCKED) {
    expect((await somebody.query(`SELECT count(*)::int AS rows FROM ${table}`)).rows).toEqual([{ rows: 10 }]);
  }
}, 180_000);
