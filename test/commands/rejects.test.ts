import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import { runCli } from '../helpers/cli.js';
import { startPostgres, type TestPostgres } from '../helpers/postgres.js';
import { CANARY, failureOf, openWorkplace, type Workplace } from '../helpers/workplace.js';

const ROWS = 10_000;
const BAD = 300;

let place: Workplace;
let postgres: TestPostgres;
let client: Client;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-rejects-'));
  postgres = await startPostgres();
  client = new Client({ connectionString: postgres.url });
  await client.connect();
  place = await openWorkplace({
    emulator: { scenario: { seconds: 0, rows: ROWS, badRows: BAD / ROWS } },
    stores: { warehouse: { kind: 'postgres', url: postgres.url } },
  });
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STORES: await fileOf('stores.yaml', 'stores: { warehouse: { kind: postgres, url: "${WAREHOUSE}" } }'),
    TITANFLOW_STAGING: place.staging,
    WAREHOUSE: postgres.url,
  };
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await client.end();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

const STRICT = {
  type: 'object',
  properties: { sku: { type: 'string' }, rating: { type: 'number' }, price: { type: 'number' } },
};
/** A price may be missing. */
const MENDED = { ...STRICT, properties: { ...STRICT.properties, price: { type: ['number', 'null'] } } };
/** But only of what is rated well. */
const HALF_MENDED = {
  ...MENDED,
  anyOf: [{ properties: { price: { type: 'number' } } }, { properties: { rating: { minimum: 3 } } }],
};

function inputOf(name: string, changes: Partial<RunTaskInput> = {}): RunTaskInput {
  const task = {
    name,
    urls: ['https://shop.example'],
    objective: 'Find prices',
    execution_type: 'single',
    output_schema: STRICT,
  };
  const table = name.toLowerCase().replaceAll(' ', '_');
  return { task, publish: [{ store: 'warehouse', table, mode: 'merge', key: ['sku'] }], ...changes };
}

async function published(name: string): Promise<string> {
  const { result } = await place.titanflow.runTask(randomUUID(), inputOf(name));
  const { executionId, published } = await result();
  expect(published).toMatchObject([{ records: ROWS, rows: ROWS - BAD, rejected: BAD }]);
  return executionId;
}

async function countOf(table: string, where = 'true'): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table} WHERE ${where}`);
  return Number(rows[0]?.count);
}

async function replay(...args: readonly string[]): Promise<unknown> {
  const run = await runCli(['rejects', 'replay', '--json', ...args], { env });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout);
}

describe('of 10,000 rows with 3 % bad ones', () => {
  it('the good ones are published, the bad ones listed with their reasons, and replayed by a mended schema once', async () => {
    const run = await published('Prices');
    expect(await countOf('prices')).toBe(ROWS - BAD);
    const listed = await runCli(['rejects', 'list', '--run', run, '--json'], { env });
    expect(JSON.parse(listed.stdout)).toEqual([
      expect.objectContaining({
        store: 'warehouse',
        table: 'public.prices',
        run,
        open: BAD,
        replayed: 0,
        reasons: { '/price: must be number': BAD },
      }),
    ]);
    const shown = await runCli(['rejects', 'show', run, '--json', '--limit', '0'], { env });
    const raws = shown.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse((JSON.parse(line) as { raw: string }).raw) as { rating: number; price: null });
    expect(raws).toHaveLength(BAD);
    expect(raws.every(({ price }) => price === null)).toBe(true);

    const well = raws.filter(({ rating }) => rating >= 3).length;
    const half = ['--schema', await fileOf('half.json', JSON.stringify(HALF_MENDED)), `execution/${run}`];
    const table = { store: 'warehouse', table: 'public.prices', run };
    expect(await replay(...half)).toMatchObject([
      { ...table, replayed: well, inserted: well, rejected: BAD - well, already: 0 },
    ]);
    expect(await countOf('prices')).toBe(ROWS - BAD + well);
    expect(await countOf('prices', `price IS NULL AND rating >= 3 AND _titan_execution = '${run}'`)).toBe(well);
    expect(await replay(...half)).toMatchObject([
      { ...table, replayed: 0, inserted: 0, rejected: BAD - well, already: well },
    ]);
    expect(await countOf('prices')).toBe(ROWS - BAD + well);

    const whole = ['--schema', await fileOf('whole.yaml', JSON.stringify(MENDED)), run];
    expect(await replay(...whole)).toMatchObject([{ replayed: BAD - well, rejected: 0, already: well }]);
    expect(await countOf('prices')).toBe(ROWS);
    const rest = await runCli(['rejects', 'show', run], { env });
    expect(rest).toEqual({ code: 0, stdout: '', stderr: `run ${run}: all ${BAD} rejects were replayed\n` });
  });

  it('a gate stops them, its rejects can be looked at, and a release publishes them all the same', async () => {
    const { workflowId, result } = await place.titanflow.runTask(
      randomUUID(),
      inputOf('Gated', { expect: { maxRejected: 0.01 } }),
    );
    const failure = await failureOf(result());
    expect(failure).toMatchObject({
      type: 'ExpectationFailed',
      message: expect.stringContaining('300 of 10000 records were rejected (3 %), at most 1 % may be'),
    });
    const run = failure.details[0].executionId ?? '';
    expect(await countOf('pg_class', `relname = 'gated'`)).toBe(0);

    const listed = await runCli(['rejects', 'list', '--json', '--run', run], { env });
    expect(JSON.parse(listed.stdout)).toEqual([{ run, records: ROWS, rejected: BAD, staged: true }]);
    const shown = await runCli(['rejects', 'show', `execution/${run}`, '--limit', '2'], {
      env,
    });
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(
      /^staging row 16: \/price: must be number\n {2}\{"sku":.*"price":null\}\nstaging row 49: /,
    );
    expect(shown.stderr).toBe('there are more: --limit 20, or --limit 0 for all\n');
    expect(await runCli(['rejects', 'replay', run, '--schema', await fileOf('any.json', '{}')], { env })).toMatchObject(
      { code: 2 },
    );

    expect(await runCli(['release', workflowId], { env })).toMatchObject({ code: 0 });
    expect(await countOf('gated')).toBe(ROWS - BAD);
    expect(await replay('--schema', await fileOf('mended.json', JSON.stringify(MENDED)), run)).toMatchObject([
      { replayed: BAD },
    ]);
    expect(await countOf('gated')).toBe(ROWS);
  });
});

describe('the rules of a replay', () => {
  it('are those of the task as the service has it now, unless told otherwise', async () => {
    const run = await published('By the task');
    const service = { ...env, TITAN_API_URL: place.emulator.url, TITAN_TOKEN: CANARY };
    const same = await runCli(['rejects', 'replay', run], { env: service });
    expect(same).toEqual({
      code: 0,
      stderr: '',
      stdout: `warehouse/public.by_the_task, run ${run}: 0 replayed, 300 stay rejects, 0 were replayed before\n  300 × /price: must be number\n`,
    });
    const [execution] = place.executionsOf('By the task');
    const headers = { authorization: `Bearer ${CANARY}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ output_schema: MENDED });
    await fetch(`${place.emulator.url}/api/v1/tasks/${execution?.taskId}`, { method: 'PATCH', headers, body });
    const mended = await runCli(['rejects', 'replay', run], { env: service });
    expect(mended.stdout).toBe(
      `warehouse/public.by_the_task, run ${run}: 300 replayed (300 inserted), 0 stay rejects, 0 were replayed before\n`,
    );
    const unset = await runCli(['rejects', 'replay', run], { env });
    expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('TITAN_TOKEN is not set') });
  });

  it('can be those of a step in a pipeline file', async () => {
    const run = await published('By a step');
    const task = { ...inputOf('By a step').task, output_schema: MENDED };
    const file = await fileOf('pipeline.json', JSON.stringify({ name: 'p', steps: { scrape: { task } } }));
    const wrong = await runCli(['rejects', 'replay', run, '--pipeline', file, '--step', 'scrap'], { env });
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: `titanflow: ${file}: there is no step "scrap", but scrape\n`,
    });
    expect(await replay(run, '--pipeline', file, '--step', 'scrape')).toMatchObject([{ replayed: BAD, inserted: BAD }]);
  });

  it.each([
    [['--schema', 'nowhere.json'], 'nowhere.json: there is no such file'],
    [['--schema', 'a.json', '--pipeline', 'b.yaml', '--step', 'c'], 'give --schema or --pipeline, not both'],
    [['--pipeline', 'b.yaml'], '--pipeline FILE and --step NAME go together'],
    [['--store', 'warehous', '--schema', 'examples/stores.yaml'], 'Did you mean "warehouse"?'],
    [['--schema', 'examples/stores.yaml'], 'there are no rejects of run "nobody" in warehouse'],
  ])('are refused in one line where they make no sense: %j', async (args, message) => {
    const run = await runCli(['rejects', 'replay', 'nobody', ...args], { env });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(message);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('that would change the type of a column are refused, and nothing is replayed', async () => {
    const run = await published('Other type');
    const properties = { ...STRICT.properties, price: { type: ['boolean', 'null'] } };
    const schema = await fileOf('type.json', JSON.stringify({ ...STRICT, properties }));
    const refused = await runCli(['rejects', 'replay', run, '--schema', schema], { env });
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('its column "price" is numeric, but the rows have boolean'),
    });
    expect(await countOf('other_type')).toBe(ROWS - BAD);
  });
});

describe('a store that does not answer', () => {
  it('ends the command with 3, and keeps its password', async () => {
    const schema = await fileOf('mended-nowhere.json', JSON.stringify(MENDED));
    const nowhere = {
      ...env,
      WAREHOUSE: 'postgres://titan:canary-password@127.0.0.1:9/x',
      // What is staged here is shown all the same.
      TITANFLOW_STAGING: `${schema}.staging`,
    };
    for (const command of [['list'], ['show', 'x'], ['replay', 'x', '--schema', schema]]) {
      const run = await runCli(['rejects', ...command], { env: nowhere });
      expect(run).toMatchObject({
        code: 3,
        stdout: '',
        stderr: expect.stringContaining('Postgres at 127.0.0.1:9/x: '),
      });
      expect(run.stderr).not.toContain('canary');
    }
  });

  it('hides nothing of the others: it is said which one, and the command ends with 3', async () => {
    const run = await published('Beside it');
    const both = await fileOf(
      'both.yaml',
      'stores: { down: { kind: postgres, url: "postgres://titan:canary-password@127.0.0.1:9/x" }, warehouse: { kind: postgres, url: "${WAREHOUSE}" } }',
    );
    const beside = { ...env, TITANFLOW_STORES: both };
    const listed = await runCli(['rejects', 'list', '--run', run, '--json'], { env: beside });
    expect(listed.code).toBe(3);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ store: 'warehouse', run, open: BAD }]);
    expect(listed.stderr).toMatch(/^titanflow: store down could not be read: Postgres at 127\.0\.0\.1:9\/x: [^\n]*\n$/);
    const shown = await runCli(['rejects', 'show', run, '--limit', '1'], { env: beside });
    expect(shown).toMatchObject({ code: 3, stdout: expect.stringContaining('/price: must be number') });
    expect(shown.stderr).toContain('store down could not be read');
    const schema = await fileOf('mended-beside.json', JSON.stringify(MENDED));
    const replayed = await runCli(['rejects', 'replay', run, '--schema', schema], { env: beside });
    expect(replayed).toMatchObject({ code: 3, stdout: expect.stringContaining('300 replayed (300 inserted)') });
    expect(replayed.stderr).toContain('store down could not be read');
    expect(listed.stderr + shown.stderr + replayed.stderr).not.toContain('canary');
  });

  it.each([['list'], ['show', 'x'], ['replay', 'x', '--schema', 'examples/stores.yaml']])(
    'because there is no temporary folder says so in one line: rejects %s',
    async (...command) => {
      const stores = await fileOf('files.yaml', `stores: { local: { kind: files, directory: "${directory}/files" } }`);
      const staging = join(directory, 'nothing-staged');
      const nowhere = { ...env, TITANFLOW_STORES: stores, TITANFLOW_STAGING: staging, TMPDIR: '/nonexistent' };
      const run = await runCli(['rejects', ...command], { env: nowhere });
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(
        /^titanflow: .*the temporary folder \/nonexistent \(TMPDIR\) cannot be used: ENOENT; name one that this process can write to\n$/,
      );
    },
  );
});
