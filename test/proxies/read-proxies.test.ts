import { describe, expect, it } from 'vitest';
import { loadSecrets, loadTitanConfig, loadWorkerConfig } from '../../src/config.js';
import { createForeignText } from '../../src/domain/foreign-text.js';

const ENV = { TITAN_TOKEN: 'token-1', TEMPORAL_CONFIG_FILE: '/nowhere' };

function proxyOf(env: Record<string, string>): string | undefined {
  return loadTitanConfig({ ...ENV, TITAN_API_URL: 'https://api.example.com', ...env }).proxy;
}

describe('the proxy of the service', () => {
  it.each([
    [{ HTTPS_PROXY: 'http://p.example:3128' }, 'http://p.example:3128 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'http://p.example:3128/' }, 'http://p.example:3128 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: ' http://p.example:3128\n' }, 'http://p.example:3128 (HTTPS_PROXY)'],
    [{ HTTPS_PROXY: 'p.example:3128' }, 'http://p.example:3128 (HTTPS_PROXY)'],
    [{ https_proxy: 'https://p.example:443' }, 'https://p.example (https_proxy)'],
    [
      { HTTPS_PROXY: 'http://upper.example', https_proxy: 'http://lower.example' },
      'http://lower.example (https_proxy)',
    ],
    [{ HTTPS_PROXY: 'http://u:canary-pa%40ss@p.example:3128' }, 'http://p.example:3128 (HTTPS_PROXY)'],
    [{ HTTP_PROXY: 'http://p.example:3128' }, undefined],
    [{ ALL_PROXY: 'socks5://p.example:1080' }, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTPS_PROXY: 'http://p.example:3128', NO_PROXY: '.example.com' }, undefined],
    [{ HTTPS_PROXY: 'http://p.example:3128', NO_PROXY: 'other', no_proxy: '.example.com' }, undefined],
    [{ TITAN_API_URL: 'http://api.example.com', HTTP_PROXY: 'http://p.example' }, 'http://p.example (HTTP_PROXY)'],
    [
      { TITAN_API_URL: 'http://api.example.com:81', HTTP_PROXY: 'p.example', NO_PROXY: 'api.example.com:81' },
      undefined,
    ],
  ])('in %j is %s', (env, shown) => {
    expect(proxyOf(env)).toBe(shown);
  });

  it.each([
    [
      'HTTPS_PROXY',
      'socks5://u:canary-9@p.example:1080',
      'HTTPS_PROXY names a proxy of kind socks5; only http:// and https://',
    ],
    ['https_proxy', 'http://u:canary-9@', 'https_proxy is no address of a proxy (not shown)'],
    ['HTTPS_PROXY', 'http://u:canary-9#x@p.example:3128', 'HTTPS_PROXY is no address of a proxy (not shown)'],
    ['HTTPS_PROXY', 'http://u:canary-9/x@p.example:3128', 'HTTPS_PROXY is no address of a proxy (not shown)'],
    ['HTTPS_PROXY', 'http://u:12/canary-9@p.example:3128', 'HTTPS_PROXY has a path, a query or a fragment (not shown)'],
    [
      'HTTP_PROXY',
      'http://u:canary-9%@p.example:3128',
      'HTTP_PROXY has a user or a password with a % that begins no character',
    ],
    ['HTTP_PROXY', 'http://u:canary-9@p.example:99999', 'HTTP_PROXY is no address of a proxy (not shown)'],
    ['HTTP_PROXY', 'http://p.example\nhttp://canary-9.example', 'HTTP_PROXY holds a line break'],
    ['HTTP_PROXY', 'http://p.example/canary-9', 'HTTP_PROXY has a path, a query or a fragment (not shown)'],
    ['grpc_proxy', 'https://canary-9.example', 'grpc_proxy must begin with http://'],
    ['grpc_proxy', 'http://u:canary-9%40@p.example', 'grpc_proxy has a user or a password with a : or @'],
  ])('%s=%j is refused, and its value not shown', (name, value, told) => {
    const load = (): unknown => loadWorkerConfig({ ...ENV, [name]: value });
    expect(load).toThrow(told);
    expect(load).not.toThrow(/canary-9/);
  });

  it('has its password hidden wherever it may be shown, in each of its spellings', () => {
    const env = { ...ENV, HTTPS_PROXY: 'http://user:canary-pa%40ss@p.example:3128' };
    const hide = createForeignText(loadSecrets(env));
    const sent = Buffer.from('user:canary-pa@ss').toString('base64');
    expect(hide(`canary-pa%40ss canary-pa@ss Basic ${sent}`)).toBe('*** *** Basic ***');
    expect(loadWorkerConfig(env).alsoSecret).toEqual(expect.arrayContaining(['canary-pa@ss', sent]));
  });
});
