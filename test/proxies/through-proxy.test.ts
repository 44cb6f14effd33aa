import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadTitanConfig } from '../../src/config.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { sendWebhook } from '../../src/notices/send-webhook.js';
import { outcomeOfFailedRun } from '../../src/task-service/run-outcome.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { startHttpProxy, type HttpProxy } from '../helpers/http-proxy.js';
import { startServer } from '../helpers/http-server.js';
import { failureOf } from '../task-service/service-that.js';

const TASK = { name: 'Task', urls: ['https://example.com'], objective: 'o', execution_type: 'single' };
const CREDENTIAL = 'user:canary-pa@ss:1';
const WITH_USER = 'user:canary-pa%40ss%3A1@';

let emulator: Emulator;
let proxy: HttpProxy;
let strict: HttpProxy;

beforeAll(async () => {
  emulator = await startEmulator({ requestsPerMinute: 0, scenario: { seconds: 0, rows: 3 } });
});

beforeEach(async () => {
  [proxy, strict] = await Promise.all([startHttpProxy(), startHttpProxy(CREDENTIAL)]);
});

afterEach(() => Promise.all([proxy.close(), strict.close()]));
afterAll(() => emulator.close());

function configOf(env: Record<string, string>) {
  return loadTitanConfig({ TITAN_TOKEN: 'token-1', TITAN_API_URL: emulator.url, ...env });
}

function serviceWith(env: Record<string, string>, timeoutMs = 5_000): TaskService {
  return createTaskService({ ...configOf(env), timeoutMs });
}

async function textOf(service: TaskService, executionId: string): Promise<string> {
  const { chunks } = await service.results.export(executionId, 'json');
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

describe('a service of http', () => {
  it('is asked through the proxy: tasks, runs and exports', async () => {
    const service = serviceWith({ HTTP_PROXY: proxy.url });
    const { id } = await service.tasks.create(TASK);
    const execution = await service.tasks.run(id, { login: 'x' });
    expect(JSON.parse(await textOf(service, execution.id))).toHaveLength(3);
    const base = `${emulator.url}/api/v1`;
    expect(proxy.asked.map(({ line }) => line)).toEqual([
      `POST ${base}/tasks`,
      `POST ${base}/tasks/${id}/run`,
      `GET ${base}/executions/${execution.id}/results/export`,
    ]);
  });

  it('is asked directly where NO_PROXY says so, and where only HTTPS_PROXY is set', async () => {
    await serviceWith({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }).tasks.list({ limit: 1 });
    await serviceWith({ HTTPS_PROXY: proxy.url }).tasks.list({ limit: 1 });
    expect(proxy.asked).toEqual([]);
  });

  it('is asked with the user and the password that the proxy wants', async () => {
    const url = strict.url.replace('//', `//${WITH_USER}`);
    await serviceWith({ HTTP_PROXY: url }).tasks.list({ limit: 1 });
    expect(strict.asked).toMatchObject([{ authorization: `Basic ${Buffer.from(CREDENTIAL).toString('base64')}` }]);
  });

  it.each(['', 'user:canary-wrong@'])(
    'has surely not got a run that the proxy refused with 407, user "%s"',
    async (user) => {
      const service = serviceWith({ HTTP_PROXY: strict.url.replace('//', `//${user}`) });
      const error = await failureOf(service.tasks.run('t1'));
      expect(outcomeOfFailedRun(error)).toEqual({ kind: 'not sent' });
      expect(error.message).toContain(`the proxy ${strict.url} (HTTP_PROXY) answered 407`);
      expect(error.message).not.toContain('canary');
    },
  );

  it('has surely not got a run while the proxy is down', async () => {
    const service = serviceWith({ http_proxy: proxy.url.replace('//', '//u:canary-1@') });
    await proxy.close();
    const error = await failureOf(service.tasks.run('t1'));
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'not sent' });
    expect(error.message).toContain(`the proxy ${proxy.url} (http_proxy) does not answer: connect ECONNREFUSED`);
    expect(error.message).not.toContain('canary');
    proxy = await startHttpProxy();
  });

  it.each([502, 503, 403, 404])('may have got a run that a proxy answers with %d', async (status) => {
    proxy.answer(status);
    const error = await failureOf(serviceWith({ HTTP_PROXY: proxy.url }).tasks.run('t1'));
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'unknown' });
    expect(error.message).toContain(`something in between, such as the proxy ${proxy.url} (HTTP_PROXY)`);
  });

  it('is given up where the proxy never answers', async () => {
    proxy.answer('hang');
    const error = await failureOf(serviceWith({ HTTP_PROXY: proxy.url }, 200).tasks.list({ limit: 1 }));
    expect(error.message).toContain('no answer in time');
  });
});

describe('a service of https', () => {
  const secure = (env: Record<string, string>, timeoutMs?: number): TaskService =>
    serviceWith({ TITAN_API_URL: emulator.url.replace('http:', 'https:'), ...env }, timeoutMs);

  it.each([403, 407, 502])('has surely not got a run where the proxy opens no tunnel: %d', async (status) => {
    proxy.answer(status);
    const error = await failureOf(secure({ HTTPS_PROXY: proxy.url }).tasks.run('t1'));
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'not sent' });
    const server = new URL(emulator.url).host;
    const told = `the proxy ${proxy.url} (HTTPS_PROXY) does not connect to ${server}: it answered ${status}`;
    expect(error.message).toContain(told);
    expect(proxy.asked.map(({ line }) => line)).toEqual([`CONNECT ${server}`]);
  });

  it('has surely not got a run while the proxy is down', async () => {
    const service = secure({ HTTPS_PROXY: proxy.url });
    await proxy.close();
    const error = await failureOf(service.tasks.run('t1'));
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'not sent' });
    expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) does not answer`);
    proxy = await startHttpProxy();
  });

  it('is given up where the proxy never answers', async () => {
    proxy.answer('hang');
    const error = await failureOf(secure({ HTTPS_PROXY: proxy.url }, 200).tasks.list({ limit: 1 }));
    expect(error.message).toContain('no answer in time');
  });

  it('is told of a TLS that fails beyond the tunnel like one without a proxy', async () => {
    const error = await failureOf(secure({ HTTPS_PROXY: proxy.url }).tasks.run('t1'));
    expect(error.message).not.toContain('the proxy');
  });
});

describe('a webhook', () => {
  const message = { id: 'msg_1', body: { a: 1 }, signal: new AbortController().signal };

  it('is told through the proxy', async () => {
    const receiver = await startServer((request, response) =>
      response.writeHead(request.method === 'POST' ? 204 : 400).end(),
    );
    const { openAgents } = configOf({ HTTP_PROXY: proxy.url });
    await sendWebhook({ ...message, url: `${receiver.url}/hook`, openAgents });
    expect(proxy.asked).toMatchObject([{ line: `POST ${receiver.url}/hook` }]);
    await receiver.close();
  });

  it('is told later where the proxy does not let us through', async () => {
    const url = 'http://hook.invalid/canary-path';
    const refusing = sendWebhook({ ...message, url, openAgents: configOf({ HTTP_PROXY: strict.url }).openAgents });
    await expect(refusing).rejects.toMatchObject({
      status: undefined,
      message: 'the webhook at hook.invalid was not reached: a proxy in between wants a user and a password (407)',
    });
    const { openAgents } = configOf({ HTTPS_PROXY: strict.url });
    const tunnelling = sendWebhook({ ...message, url: url.replace('http:', 'https:'), openAgents });
    await expect(tunnelling).rejects.toMatchObject({
      status: undefined,
      message: expect.stringContaining(
        `did not answer: the proxy ${strict.url} (HTTPS_PROXY) does not connect to hook.invalid:443: it answered 407, it wants a user`,
      ),
    });
  });
});
