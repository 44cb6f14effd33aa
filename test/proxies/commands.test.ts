import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Check } from '../../src/commands/doctor/check.js';
import { loadClientConfig } from '../../src/config.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { connectWorker } from '../../src/worker/connect.js';
import { runCli } from '../helpers/cli.js';
import { startHttpProxy, type HttpProxy } from '../helpers/http-proxy.js';
import { startServer } from '../helpers/http-server.js';
import { startTlsServer, type TlsServer } from '../helpers/tls-server.js';
import { CANARY } from '../helpers/workplace.js';

const WITH_USER = 'user:canary-pa%40ss@';

let directory: string;
let emulator: Emulator;
let secure: TlsServer;
let proxy: HttpProxy;
let env: Record<string, string>;
/** A proxy that is down. */
const NOBODY = 'http://127.0.0.1:9';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-proxies-'));
  emulator = await startEmulator({ token: CANARY });
  secure = await startTlsServer(emulator.url, join(directory, 'ca.pem'));
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: `proxies-${crypto.randomUUID().slice(0, 8)}`,
    TITAN_API_URL: secure.url,
    TITAN_TOKEN: CANARY,
  };
});

beforeEach(async () => {
  proxy = await startHttpProxy('user:canary-pa@ss');
});

afterEach(() => proxy.close());

afterAll(async () => {
  await secure.close();
  await emulator.close();
  await rm(directory, { recursive: true, force: true });
});

async function examine(changes: Record<string, string>) {
  const run = await runCli(['doctor', '--json'], { env: { ...env, ...changes }, cwd: directory });
  expect(run.stdout + run.stderr).not.toContain('canary');
  const { checks } = JSON.parse(run.stdout) as { checks: Check[] };
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

describe('doctor', () => {
  const ca = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') });

  it('reaches a service with a certificate of an own authority, directly and through a proxy, which it names', async () => {
    expect(await examine(ca())).toMatchObject({
      service: { state: 'ok', text: `answers at ${secure.url}, and accepts the token` },
    });
    expect(await examine({ ...ca(), HTTPS_PROXY: proxy.url.replace('//', `//${WITH_USER}`) })).toMatchObject({
      service: {
        state: 'ok',
        text: `answers at ${secure.url} through the proxy ${proxy.url} (HTTPS_PROXY), and accepts the token`,
      },
      export: { state: 'ok' },
    });
    expect(new Set(proxy.asked.map(({ line }) => line))).toEqual(new Set([`CONNECT ${new URL(secure.url).host}`]));
  });

  it('says that an authority is not known, and that a proxy is not there', async () => {
    expect(await examine({ HTTPS_PROXY: proxy.url.replace('//', `//${WITH_USER}`) })).toMatchObject({
      service: { state: 'unreachable', text: expect.stringMatching(/certificate/) },
    });
    expect(await examine({ ...ca(), HTTPS_PROXY: NOBODY })).toMatchObject({
      service: {
        state: 'unreachable',
        text: expect.stringContaining(`the proxy ${NOBODY} (HTTPS_PROXY) does not answer: connect ECONNREFUSED`),
        cure: expect.stringContaining('NO_PROXY'),
      },
    });
  });

  it('refuses a proxy that cannot be read, by the name of its variable', async () => {
    const checks = await examine({ https_proxy: 'http://user:canary-1@' });
    expect(checks).toMatchObject({
      service: { state: 'fail', text: 'https_proxy is no address of a proxy (not shown)' },
    });
  });
});

describe('an export', () => {
  it('is not fetched from a host of http that a service of https redirects to', async () => {
    const service = await startServer(({ url }, response) => {
      const isExport = url?.includes('/results/export') === true;
      response.writeHead(isExport ? 302 : 200, { location: `${emulator.url}/canary-file` });
      response.end(isExport ? '' : '{"success":true,"data":[]}');
    });
    const other = await startTlsServer(service.url, join(directory, 'other-ca.pem'));
    const { host } = new URL(emulator.url);
    const settings = { NODE_EXTRA_CA_CERTS: join(directory, 'other-ca.pem'), TITAN_EXPORT_HOSTS: host };
    expect(await examine({ ...settings, TITAN_API_URL: other.url })).toMatchObject({
      service: { state: 'ok' },
      export: {
        state: 'fail',
        text: expect.stringContaining(`redirected from https to http, at ${host}, which is not`),
      },
    });
    await other.close();
    await service.close();
  });
});

describe("Temporal's server", () => {
  it('is reached directly, whatever is set for http and https', async () => {
    const down = { https_proxy: NOBODY, http_proxy: NOBODY, HTTPS_PROXY: NOBODY, HTTP_PROXY: NOBODY };
    expect(await runCli(['list'], { env: { ...env, ...down }, cwd: directory })).toMatchObject({ code: 0 });
  });

  it('is reached through grpc_proxy, unless it is exempt, by commands and by workers', async () => {
    const open = await startHttpProxy();
    const proxied = { ...env, grpc_proxy: open.url };
    const line = `CONNECT ${env['TEMPORAL_ADDRESS']}`;
    expect(await runCli(['list'], { env: proxied, cwd: directory })).toMatchObject({ code: 0 });
    expect(open.asked).toMatchObject([{ line }]);
    const exempt = { ...proxied, no_proxy: '127.0.0.1' };
    expect(await runCli(['list'], { env: exempt, cwd: directory })).toMatchObject({ code: 0 });
    await (await connectWorker(loadClientConfig(exempt))).close();
    expect(open.asked).toHaveLength(1);
    await (await connectWorker(loadClientConfig(proxied))).close();
    expect(open.asked).toMatchObject([{ line }, { line }]);
    await open.close();
  });
});

describe('dev', () => {
  it('uses no proxy for the servers that it has started', async () => {
    const down = { https_proxy: NOBODY, HTTP_PROXY: NOBODY, HTTPS_PROXY: NOBODY, grpc_proxy: NOBODY };
    const run = await runCli(['dev', resolve('examples/one-task.yaml')], { cwd: directory, env: down });
    expect(run).toMatchObject({ code: 0 });
  });
});
