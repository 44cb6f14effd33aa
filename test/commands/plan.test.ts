import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { firesADay } from '../../src/commands/plan/fires-a-day.js';
import { costsOf, scheduleCosts } from '../../src/commands/plan/plan-costs.js';
import { outlineSteps } from '../../src/commands/plan/plan-steps.js';
import type { PipelineSpec } from '../../src/domain/pipeline.js';
import { runCli } from '../helpers/cli.js';
import { openWorkplace, type Workplace } from '../helpers/workplace.js';
import { withPostgres } from '../stores/postgres/with-postgres.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-plan-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const PRODUCTS = { type: 'object', properties: { sku: { type: 'string' }, price: { type: 'number' } } };

const SHOP = {
  name: 'shop',
  params: { query: { default: 'laptops' } },
  steps: {
    scrape: {
      after: 'find',
      task: {
        name: 'Scrape',
        urls: ['https://x/1'],
        objective: 'Products',
        output_schema: PRODUCTS,
        execution_type: 'single',
      },
      publish: [
        { store: 'warehouse', table: 'shop.prices', mode: 'merge', key: ['sku'] },
        { store: 'mart', table: 'prices', mode: 'append' },
        { store: 'lake', table: 'prices', mode: 'replace' },
      ],
    },
    find: { task: { name: 'Find', urls: ['https://x?q=${params.query}&at=${run.key}'], execution_type: 'single' } },
  },
  schedule: { cron: ['0 */6 * * *', '*/30 8-9 * * mon'], interval: '12 hours' },
};

function stores(url: string): string {
  return `stores:
  warehouse: { kind: postgres, url: "${url}" }
  mart: { kind: duckdb, path: ./mart.duckdb }
  lake: { kind: files, directory: ./lake, format: parquet }
`;
}

async function plan(env: Record<string, string>, url: string, ...args: string[]) {
  await writeFile(join(directory, 'shop.json'), JSON.stringify(SHOP));
  await writeFile(join(directory, 'stores.yaml'), stores(url));
  return runCli(['plan', 'shop.json', ...args], { env, cwd: directory });
}

describe('plan', () => {
  it('says offline what would happen, and changes nothing', async () => {
    const run = await plan({}, 'postgres://u:hidden@127.0.0.1:9/rows');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.replaceAll(directory, '<here>')).toBe(`\
pipeline shop: at most 2 executions, about 7 requests: all of the budget (120 a minute) for 0.06 min
scheduled 0 */6 * * *, */30 8-9 * * mon, every 12 hours: 10 runs on a day, 20 executions, about 70 requests, 0.04 % of 120 a minute

1. find (starts at once)
   task        Find: a new one for each run or batch
   executions  1
   requests    about 4.1

2. scrape (after find)
   task        Scrape
   executions  1
   requests    about 2.1
   table       warehouse/shop.prices (postgres, merge by sku)
               columns: sku text, price numeric
               CREATE SCHEMA IF NOT EXISTS "shop";
               CREATE TABLE "shop"."prices" ("sku" text, "price" numeric, "_titan_execution" text NOT NULL, "_titan_row" bigint NOT NULL, "_titan_at" timestamptz NOT NULL, PRIMARY KEY ("sku")) WITH (fillfactor = 50);
               as for a new table: Postgres at 127.0.0.1:9/rows: connect ECONNREFUSED 127.0.0.1:9 (ECONNREFUSED)
   table       mart/prices (duckdb, append)
               columns: sku text, price numeric
               CREATE SCHEMA IF NOT EXISTS "main";
               CREATE TABLE "main"."prices" ("sku" VARCHAR, "price" DOUBLE, "_titan_execution" VARCHAR NOT NULL, "_titan_row" BIGINT NOT NULL, "_titan_at" TIMESTAMP WITH TIME ZONE NOT NULL);
   table       lake/prices (files, replace)
               columns: sku text, price numeric
               files: <here>/lake/prices/<run>.parquet

tasks were not looked for: TITAN_TOKEN is not set; it holds the JWT or API key of the Task Service
`);
    expect((await readdir(directory)).toSorted()).toEqual(['shop.json', 'stores.yaml']);
  });
});

describe('plan, with servers', () => {
  const postgres = withPostgres();
  let place: Workplace;
  let env: Record<string, string>;

  beforeAll(async () => {
    place = await openWorkplace();
    env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITAN_API_URL: place.emulator.url, TITAN_TOKEN: 'plan' };
  });

  afterAll(async () => await place.close());

  it('tells a task that is there from one that will be made, and a table that is widened from a new one', async () => {
    await postgres.client.query('CREATE SCHEMA shop; CREATE TABLE shop.prices (sku text PRIMARY KEY)');
    const before = JSON.parse((await plan(env, postgres.url, '--json')).stdout);
    const [, scrape] = before.steps;
    expect(scrape.task).toMatchObject({ state: 'new', name: expect.stringMatching(/^Scrape \[tf [0-9a-f]{16}\]$/) });
    expect(scrape.tables[0]).toMatchObject({ kind: 'postgres' });
    expect(scrape.tables[0].sql[0]).toMatch(
      /^ALTER TABLE "shop"\."prices" ADD COLUMN "price" numeric, ADD COLUMN "_titan/,
    );
    expect(scrape.tables[0].sql.join()).not.toContain('INDEX');
    expect(Object.keys(place.emulator.ledger().counts)).toEqual(['GET /tasks']);

    await place.startWorker();
    const { result } = await place.titanflow.runTask(`plan-${place.config.taskQueue}`, {
      task: SHOP.steps.scrape.task,
    });
    const { taskId } = await result();
    const after = JSON.parse((await plan(env, postgres.url, '--json')).stdout);
    expect(after.steps[1].task).toEqual({ ...scrape.task, state: 'found', taskId });
    expect(
      await postgres.valuesOf(`SELECT count(*)::int FROM information_schema.columns WHERE table_name = 'prices'`),
    ).toEqual([1]);
  });

  it('says what a store would refuse', async () => {
    await postgres.client.query(
      'CREATE TABLE IF NOT EXISTS shop.clash (sku int PRIMARY KEY); ALTER TABLE shop.prices RENAME TO old; ALTER TABLE shop.clash RENAME TO prices',
    );
    const [, scrape] = JSON.parse((await plan(env, postgres.url, '--json')).stdout).steps;
    expect(scrape.tables[0]).toMatchObject({ problem: expect.stringContaining('sku') });
  });
});

describe('what a pipeline takes', () => {
  const batched: PipelineSpec = {
    name: 'p',
    steps: {
      each: {
        forEach: { rowsOf: 'find', field: 'url', max: 1_010, batch: 100 },
        task: { name: 'Each', urls: '${batch}' },
      },
      all: { forEach: { rowsOf: 'find', field: 'url' }, task: { name: 'All', urls: '${batch}' } },
      find: { task: { name: 'Find', urls: [] } },
      known: { task: { id: 't' }, executionId: 'e', after: 'all' },
      inner: {
        pipeline: {
          name: 'q',
          steps: {
            leaf: { task: { id: 't' } },
            more: { forEach: { rowsOf: 'leaf', field: 'url' }, task: { name: 'More', urls: '${batch}' } },
          },
        },
        when: { step: 'known' },
      },
    },
  };

  it('is counted by batches where the file bounds them, else it depends on rows', () => {
    const steps = outlineSteps(batched, {});
    expect(steps.map(({ name, level, executions }) => [name, level, executions])).toEqual([
      ['find', 1, 1],
      ['each', 2, 11],
      ['all', 2, undefined],
      ['known', 3, 0],
      ['inner', 4, 0],
      ['inner/leaf', 1, 1],
      ['inner/more', 2, undefined],
    ]);
    expect(costsOf(steps, 120, undefined)).toMatchObject({
      executions: 13,
      dependsOnRowsOf: ['find', 'inner/leaf'],
      requests: 50,
    });
    expect(costsOf(steps, 0, 10)).toEqual({
      executions: 10,
      dependsOnRowsOf: ['find', 'inner/leaf'],
      requests: 50,
      cap: 10,
    });
  });

  it('is told for a day of its schedule', () => {
    const run = costsOf(outlineSteps(batched, {}), 120, undefined);
    expect(scheduleCosts({ interval: '6 hours' }, run, 120)).toEqual({
      when: 'every 6 hours',
      runsADay: 4,
      executionsADay: 52,
      requestsADay: 200,
      shareOfBudget: 200 / 172_800,
    });
  });

  it.each([
    ['0 * * * *', 24],
    ['*/15 9-17/2 * * mon-fri', 20],
    ['5/10,5 0 1 * *', 6],
    ['0 0 6 * * 2027', 1],
    ['*/30 0 0 6 * * *', 2],
    ['@hourly', 24],
    ['@weekly', 1],
  ])('%s fires %d times on a day on which it does', (cron, fires) => {
    expect(firesADay(cron)).toBe(fires);
  });
});
