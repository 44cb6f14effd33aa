import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCli, startCli, type RunningCli } from '../helpers/cli.js';
import { startServer } from '../helpers/http-server.js';
import { filesBelow, PRODUCT_TASK } from '../helpers/workplace.js';

/** A canary for each kind of secret, two of them with what URLs and JSON write otherwise. */
const SECRETS = {
  token: 'canary-token-51c7',
  secret: 'canary"secret\\ß/1',
  webhook: `whsec_${Buffer.from('canary-webhook-key').toString('base64')}`,
  apiKey: 'canary-temporal-key',
  password: 'canary/pg#pass@1',
  s3Key: 'canary-s3-secret',
  awsKey: 'canary-aws-secret',
  session: 'canary-aws-session',
};
const TASK_QUEUE = `leaks-${crypto.randomUUID().slice(0, 8)}`;

let directory: string;
let worker: RunningCli;
let output = '';
let env: Record<string, string>;
let client: Client;
let closings: (() => Promise<unknown>)[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-leaks-'));
  const service = await startServer((request, response) => void answer(request, response));
  const postgres = await startEchoingPostgres();
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
  await writeFile(
    join(directory, 'stores.yaml'),
    [
      'stores:',
      `  echo: { kind: postgres, url: "postgres://u:\${PGPASS}@127.0.0.1:${postgres.port}/db" }`,
      `  lake: { kind: s3, bucket: lake, endpoint: "${service.url}", accessKeyId: id, secretAccessKey: "\${S3_KEY}" }`,
      '  local: { kind: files, directory: out }',
    ].join('\n'),
  );
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_API_KEY: SECRETS.apiKey,
    TEMPORAL_TLS: 'false',
    TITANFLOW_TASK_QUEUE: TASK_QUEUE,
    TITANFLOW_LISTEN: '127.0.0.1:0',
    TITANFLOW_LOG: 'debug',
    TITAN_API_URL: service.url,
    TITAN_TOKEN: SECRETS.token,
    TITAN_RPM: '0',
    TITANFLOW_SECRET_SHOP: SECRETS.secret,
    TITANFLOW_SECRET_HOOK: SECRETS.webhook,
    AWS_SECRET_ACCESS_KEY: SECRETS.awsKey,
    AWS_SESSION_TOKEN: SECRETS.session,
    PGPASS: encodeURIComponent(SECRETS.password),
    S3_KEY: SECRETS.s3Key,
  };
  worker = startCli(['worker'], { env, cwd: directory });
  for (const stream of [worker.child.stdout, worker.child.stderr]) {
    stream?.on('data', (data: string) => (output += data));
  }
  await worker.says('health and metrics at');
  closings = [() => service.close(), postgres.close, () => connection.close()];
});

afterAll(async () => {
  worker.child.kill('SIGTERM');
  await worker.ended;
  await Promise.all(closings.map((close) => close()));
  await rm(directory, { recursive: true, force: true });
});

/** The words of a service that tells all it could know, in every spelling. */
function echo(request?: IncomingMessage, body = ''): string {
  const spellings = Object.values(SECRETS).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return `${JSON.stringify(request?.headers ?? {})} ${body} ${spellings.join(' ')}`;
}

/** The ways in which the service fails, by the name of the task: each on a route of its own. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  const { method = '', url = '' } = request;
  const send = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const fail = (status: number): void =>
    send(status, { success: false, error: { code: `E_${SECRETS.token}`, message: echo(request, body) } });
  const succeed = (data: unknown): void => send(200, { success: true, data });
  const path = url.split('?')[0] ?? '';
  const kind = /\/(?:tasks|executions)\/(?<kind>[a-z]+)/.exec(path)?.groups?.['kind'] ?? '';
  const created_at = new Date().toISOString();
  if (path.startsWith('/lake')) {
    response.writeHead(400, { 'content-type': 'application/xml' });
    response.end(
      `<Error><Code>Strange</Code><Message>${encodeURIComponent(SECRETS.s3Key)} ${SECRETS.s3Key}</Message></Error>`,
    );
  } else if (method === 'POST' && path === '/api/v1/tasks') {
    const { name } = JSON.parse(body) as { name: string };
    if (name.startsWith('create')) fail(400);
    else succeed({ id: /^[a-z]+/.exec(name)?.[0], status: 'active', created_at });
  } else if (path.endsWith('/run')) {
    if (kind === 'run') fail(402);
    else succeed({ id: kind, task_id: kind, status: 'queued', created_at });
  } else if (path.endsWith('/results/export')) {
    if (kind === 'export') fail(400);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('[{"title":"a","price":"1"}]');
  } else if (/^\/api\/v1\/executions\/[a-z]+$/.test(path)) {
    if (kind === 'look') fail(500);
    else if (kind === 'failed')
      succeed({ id: kind, task_id: kind, status: 'failed', error: echo(request), created_at });
    else succeed({ id: kind, task_id: kind, status: 'completed', created_at });
  } else if (/^\/api\/v1\/tasks$|\/executions$/.test(path)) {
    succeed([]);
  } else {
    fail(500);
  }
}

/** Asks for a password, and tells it in its refusal, as nobody should. */
async function startEchoingPostgres(): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (data[0] !== 0x70) {
        // AuthenticationCleartextPassword
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
        return;
      }
      const password = data.subarray(5, data.indexOf(0, 5)).toString();
      const fields = Buffer.from(`SFATAL\0C28P01\0Mno entry for ${password} ${encodeURIComponent(password)}\0\0`);
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeUInt32BE(fields.length + 4, 1);
      socket.end(Buffer.concat([head, fields]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: async () => server.close() };
}

/** Whether any canary stands in a text, in whatever spelling. */
function expectNoCanary(text: string): void {
  expect(text.match(/.{0,60}canary.{0,60}/i)?.[0]).toBeUndefined();
  for (const secret of Object.values(SECRETS)) {
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(text).not.toContain(encodeURIComponent(secret));
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  }
}

/** Payloads are in base64, where a message of the server is written as JSON. */
function plainText(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    key === 'data' && typeof part === 'string' ? Buffer.from(part, 'base64').toString() : part,
  );
}

/** Returns the ids of all workflows on the queue, also of those that follow executions. */
async function workflowIds(): Promise<string[]> {
  const listed: string[] = [];
  const query = `TaskQueue = '${TASK_QUEUE}'`;
  for await (const { workflowId } of client.workflow.list({ query })) listed.push(workflowId);
  return listed;
}

async function historiesOf(workflowIds: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    workflowIds.map(async (workflowId) => {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      return plainText(events);
    }),
  );
  return texts.join('\n');
}

const STORES: Readonly<Record<string, string>> = { stores: 'echo', lake: 'lake', good: 'local' };

async function startRun(name: string): Promise<string> {
  const workflowId = `${TASK_QUEUE}/${name}`;
  const store = STORES[name];
  const input = {
    task: { ...PRODUCT_TASK, name },
    secretPayload: { key: 'SHOP' },
    giveUpAfter: '15 seconds',
    ...(store === undefined ? {} : { publish: [{ store, table: 't', mode: 'append' }] }),
  };
  await client.workflow.start('runTask', { workflowId, taskQueue: TASK_QUEUE, args: [input] });
  return workflowId;
}

/** The pending activities and heartbeats of a run, as seen until it ended. */
async function sightingsOf(workflowId: string, follower?: string): Promise<string> {
  const seen: unknown[] = [];
  await vi.waitFor(
    async () => {
      const { raw, status } = await client.workflow.getHandle(workflowId).describe();
      seen.push(raw);
      const below = follower === undefined ? undefined : client.workflow.getHandle(follower).describe();
      // It is not there yet.
      await below?.then((description) => seen.push(description.raw)).catch(() => undefined);
      expect(`${workflowId}: ${status.name}`).not.toContain('RUNNING');
    },
    { timeout: 90_000, interval: 500 },
  );
  return plainText(seen);
}

describe('a secret that is echoed', () => {
  it('by the service, on every route, by Postgres or S3 stands in no history, log, staged file, metric or terminal', async () => {
    const names = ['create', 'run', 'export', 'failed', 'stores', 'lake', 'good'];
    const ids = await Promise.all(names.map(startRun));
    const sightings = await Promise.all(ids.map((id) => sightingsOf(id)));
    // The watcher asks for it as long as it runs.
    const look = await startRun('look');
    ids.push(look);
    sightings.push(await sightingsOf(look, 'execution/look'));
    expect(sightings.join('\n')).toContain('outage');
    expectNoCanary(sightings.join('\n'));
    const histories = await historiesOf(await workflowIds());
    expect(histories).toContain('***');
    expectNoCanary(histories);

    const probes = /at (?<url>http:\S+)/.exec(output)?.groups?.['url'] ?? '';
    const metrics = await (await fetch(`${probes}/metrics`)).text();
    expect(metrics).toContain('titanflow_requests_total');
    expectNoCanary(metrics);

    const files = [...(await filesBelow(join(directory, '.titanflow'))), ...(await filesBelow(join(directory, 'out')))];
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expectNoCanary(await readFile(file, 'utf8'));

    const commands = [
      ['doctor'],
      ['list', '--all'],
      ['status', look],
      ['status', look, '--json'],
      ['status', `${TASK_QUEUE}/run`],
    ];
    const terminals = await Promise.all(
      commands.map(async (args) => {
        const { stdout, stderr } = await runCli(args, { env, cwd: directory });
        return stdout + stderr;
      }),
    );
    expect(terminals.join('\n')).toContain('***');
    expectNoCanary(terminals.join('\n'));
    expect(output).toContain('***');
    expectNoCanary(output);
  }, 180_000);
});
