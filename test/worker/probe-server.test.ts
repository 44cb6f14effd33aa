import { afterEach, describe, expect, it } from 'vitest';
import type { ListenAddress } from '../../src/settings.js';
import { loadWorkerConfig } from '../../src/config.js';
import { serveProbes, type Probed, type ProbeServer } from '../../src/worker/probe-server.js';
import { CANARY } from '../helpers/workplace.js';

const servers: ProbeServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

const WELL: Probed = {
  health: { ailments: () => [], hindrances: () => [], begin: () => undefined, end: () => undefined },
  metrics: async () => 'up 1\n',
};

async function serve(probed: Probed = WELL, address: ListenAddress = { host: '127.0.0.1', port: 0 }): Promise<string> {
  const server = await serveProbes(address, probed);
  servers.push(server);
  return server.url;
}

function listenOf(text: string): ListenAddress | undefined {
  return loadWorkerConfig({ TITAN_TOKEN: CANARY, TITANFLOW_LISTEN: text }).listen;
}

describe('the server of probes', () => {
  it.each([
    ['/livez', 'ok\n'],
    ['/readyz', 'ok\n'],
    ['/metrics', 'up 1\n'],
    ['/readyz?verbose', 'ok\n'],
  ])('answers %s, to HEAD without a body', async (path, body) => {
    const url = await serve();
    const answer = await fetch(`${url}${path}`);
    expect([answer.status, await answer.text()]).toEqual([200, body]);
    const head = await fetch(`${url}${path}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(body.length));
  });

  it('answers 503 with what is wrong, a line each', async () => {
    const health = { ...WELL.health, ailments: () => ['one'], hindrances: () => ['one', 'two'] };
    const url = await serve({ ...WELL, health });
    const [live, ready] = await Promise.all([fetch(`${url}/livez`), fetch(`${url}/readyz`)]);
    expect([live.status, await live.text()]).toEqual([503, 'one\n']);
    expect([ready.status, await ready.text()]).toEqual([503, 'one\ntwo\n']);
  });

  it('has nothing else, and takes nothing', async () => {
    const url = await serve();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/livez/x`)).status).toBe(404);
    const post = await fetch(`${url}/livez`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('refuses a port that is taken, and a host that is not ours, as bad input', async () => {
    const port = Number(new URL(await serve()).port);
    await expect(serve(WELL, { host: '127.0.0.1', port })).rejects.toMatchObject({
      exitCode: 2,
      message: `TITANFLOW_LISTEN: cannot listen on 127.0.0.1:${port}: somebody else listens there`,
    });
    await expect(serve(WELL, { host: '2001:db8::1', port })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`cannot listen on [2001:db8::1]:${port}: `) as string,
    });
  });

  it.each([
    [{ host: '127.0.0.1', port: 0 }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ host: '0.0.0.0', port: 0 }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ port: 0 }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ host: 'localhost', port: 0 }, /^http:\/\/localhost:\d+$/],
  ])('can be asked where it says that it is: %j', async (address, shape) => {
    const url = await serve(WELL, address);
    expect(url).toMatch(shape);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});

describe('TITANFLOW_LISTEN', () => {
  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['localhost:9464', { host: 'localhost', port: 9464 }],
    ['[::1]:9464', { host: '::1', port: 9464 }],
    ['[::]:9464', { host: '::', port: 9464 }],
    [':9464', { port: 9464 }],
    ['', undefined],
  ])('%s', (text, address) => {
    expect(listenOf(text)).toEqual(address);
  });

  it.each(['9464', '127.0.0.1', '::1:9464', '127.0.0.1:65536', 'http://127.0.0.1:9464', 'a b:1', '[::1]', '[x]:1'])(
    'is not %s',
    (text) => {
      expect(() => listenOf(text)).toThrow('TITANFLOW_LISTEN must be host:port, such as');
    },
  );
});
