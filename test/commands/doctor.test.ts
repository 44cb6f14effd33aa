import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Check } from '../../src/commands/doctor/check.js';
import { startTemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runCli } from '../helpers/cli.js';
import { startServer } from '../helpers/http-server.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { CANARY, openWorkplace, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let emulator: Emulator;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-doctor-'));
  place = await openWorkplace();
  emulator = await startEmulator({ token: CANARY, requestsPerMinute: 120 });
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITAN_API_URL: emulator.url,
    TITAN_TOKEN: CANARY,
  };
});

afterAll(async () => {
  await emulator.close();
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

interface Report {
  readonly code: number | null;
  readonly isWell: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

async function examine(changes: Record<string, string> = {}): Promise<Report> {
  const run = await runCli(['doctor', '--json'], { env: { ...env, ...changes }, cwd: directory });
  expect(run.stdout + run.stderr).not.toContain(CANARY);
  const { isWell, checks } = JSON.parse(run.stdout) as { isWell: boolean; checks: Check[] };
  return { code: run.code, isWell, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

describe('doctor', () => {
  it('finds a good place well, changes nothing, and misses only the worker', async () => {
    const { code, isWell, checks } = await examine();
    expect({ code, isWell }).toEqual({ code: 0, isWell: true });
    expect(checks).toMatchObject({
      service: { state: 'ok' },
      'scope tasks:read': { state: 'ok' },
      'scope executions:read': { state: 'ok' },
      'scope data:read': { state: 'ok' },
      export: { state: 'ok', text: expect.stringContaining('404 NOT_FOUND') },
      clock: { state: 'ok' },
      budget: { state: 'ok', text: expect.stringMatching(/^120 requests a minute, 11\d of them left$/) },
      temporal: { state: 'ok' },
      'search attributes': { state: 'ok' },
      workers: { state: 'warn', cure: expect.stringContaining('titanflow worker') },
      'store local': { state: 'ok' },
      staging: { state: 'ok' },
    });
    expect(await readdir(directory)).toEqual([]);
    expect(emulator.ledger().billed).toBe(0);
    await place.startWorker();
    expect((await examine()).checks['workers']).toMatchObject({ state: 'ok' });
  });

  it('explains a token that is not accepted, or was not given', async () => {
    const wrong = await examine({ TITAN_TOKEN: 'another' });
    expect(wrong).toMatchObject({
      code: 1,
      checks: { token: { state: 'fail', cure: expect.stringContaining('TITAN_TOKEN') } },
    });
    const none = await examine({ TITAN_TOKEN: '' });
    expect(none).toMatchObject({
      code: 2,
      checks: { service: { text: expect.stringContaining('TITAN_TOKEN is not set') } },
    });
  });

  it('takes the token of a mounted file, as runs do, and finds a route of results that is broken', async () => {
    expect(await examine({ TITAN_TOKEN: `${CANARY}\n` })).toMatchObject({
      code: 0,
      checks: { export: { state: 'ok' } },
    });
    const service = await startServer(({ url }, response) => {
      const isExport = url?.includes('/results/export') === true;
      if (isExport) response.destroy();
      else response.writeHead(200).end(JSON.stringify({ success: true, data: [] }));
    });
    const broken = await examine({ TITAN_API_URL: service.url });
    await service.close();
    expect(broken).toMatchObject({ code: 3, checks: { service: { state: 'ok' }, export: { state: 'unreachable' } } });
  });

  it('shows what others wrote in a way that no terminal acts upon', async () => {
    const service = await startServer((_, response) => {
      const message = 'a\u001b[31mb\u202ec\u009bd\ne\u001b]0;f\u0007';
      response.writeHead(400).end(JSON.stringify({ success: false, error: { code: 'BAD', message } }));
    });
    const asText = await runCli(['doctor'], {
      env: { ...env, TITAN_API_URL: service.url, FORCE_COLOR: '1' },
      cwd: directory,
    });
    const asJson = await runCli(['doctor', '--json'], { env: { ...env, TITAN_API_URL: service.url }, cwd: directory });
    await service.close();
    expect(asText.stdout).toContain(String.raw`a\u001b[31mb\u202ec\u009bd e\u001b]0;f\u0007`);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(asText.stdout + asJson.stdout).not.toMatch(/[\u0080-\u009f\u202e\u0007]/);
    expect(asJson.stdout).toContain(String.raw`b\u202ec\u009bd`);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ isWell: false });
  });

  it('names the scope that a token lacks, and a clock that is wrong', async () => {
    const service = await startServer(({ url }, response) => {
      const isForbidden = url?.includes('/results') === true;
      const error = { success: false, error: { code: 'FORBIDDEN', message: 'no' } };
      response.writeHead(isForbidden ? 403 : 200, { date: new Date(Date.now() + 300_000).toUTCString() });
      response.end(JSON.stringify(isForbidden ? error : { success: true, data: [] }));
    });
    const { code, checks } = await examine({ TITAN_API_URL: service.url });
    await service.close();
    expect(code).toBe(1);
    expect(checks).toMatchObject({
      'scope tasks:read': { state: 'ok' },
      'scope data:read': { state: 'fail', cure: expect.stringContaining('data:read') },
      clock: { state: 'warn', text: expect.stringMatching(/^(?:299|300) s behind the service's$/) },
    });
  });

  it('ends with 3 where a server does not answer, and still looks at the others', async () => {
    await writeFile(
      join(directory, 'stores.yaml'),
      'stores:\n  w: { kind: postgres, url: "postgres://u:hidden@127.0.0.1:9/x" }\n',
    );
    const { code, checks } = await examine({
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      TITAN_API_URL: 'http://127.0.0.1:59999',
    });
    await rm(join(directory, 'stores.yaml'));
    expect(code).toBe(3);
    expect(checks).toMatchObject({
      service: { state: 'unreachable', cure: expect.stringContaining('TITAN_API_URL') },
      temporal: { state: 'unreachable', cure: expect.stringContaining('titanflow dev') },
      'store w': { state: 'unreachable' },
      staging: { state: 'ok' },
    });
    expect(JSON.stringify(checks)).not.toContain('hidden');
  });

  it('names missing search attributes and the command that makes them, and a namespace that is not there', async () => {
    const server = await startTemporalServer({ binary: await temporalBinary(), say: () => undefined });
    const { code, checks } = await examine({ TEMPORAL_ADDRESS: server.address });
    const nowhere = await examine({ TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'nowhere' });
    await server.stop();
    expect(code).toBe(1);
    expect(checks['search attributes']).toMatchObject({
      state: 'fail',
      cure: expect.stringContaining(
        'temporal operator search-attribute create --namespace default --name TitanPipeline --type Keyword',
      ),
    });
    expect(nowhere.checks['temporal']).toMatchObject({
      state: 'fail',
      cure: expect.stringContaining('temporal operator namespace create --namespace nowhere'),
    });
  });
});
