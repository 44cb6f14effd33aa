import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  loadInstance,
  loadSecrets,
  loadStagingPlace,
  loadTitanConfig,
  loadWorkerConfig,
  namesTemporalServer,
} from '../src/config.js';

function stagingOf(TITANFLOW_STAGING: string, env: Record<string, string> = {}) {
  return loadWorkerConfig({ TITAN_TOKEN: 'x', TITANFLOW_STAGING, ...env }).staging;
}

describe('TITANFLOW_STAGING', () => {
  it.each([
    ['', resolve('.titanflow/staging')],
    ['exports', resolve('exports')],
    ['/var/lib/titanflow', '/var/lib/titanflow'],
  ])('%j is a directory', (text, directory) => {
    expect(stagingOf(text)).toEqual({ kind: 'directory', directory });
  });

  it.each([
    ['s3://exports', 'exports', ''],
    ['s3://exports/', 'exports', ''],
    ['s3://my.exports-1/titan/flow', 'my.exports-1', 'titan/flow'],
    ['s3://exports//titan//flow/', 'exports', 'titan/flow'],
  ])('%j is a bucket', (text, bucket, prefix) => {
    expect(stagingOf(text)).toEqual({ kind: 's3', bucket, prefix });
  });

  it('takes the address of the S3 server from the names that the AWS SDK knows', () => {
    const AWS_ENDPOINT_URL = 'http://s3.internal:9000';
    const endpoint = 'http://127.0.0.1:7070';
    expect(stagingOf('s3://exports', { AWS_ENDPOINT_URL })).toMatchObject({ endpoint: AWS_ENDPOINT_URL });
    expect(stagingOf('s3://exports', { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3: endpoint })).toMatchObject({ endpoint });
    expect(() => stagingOf('s3://exports', { AWS_ENDPOINT_URL: 'localhost:9000' })).toThrow(
      'AWS_ENDPOINT_URL must be the URL of an S3 server',
    );
  });

  it.each(['s3://', 's3://A', 's3:///prefix', 'gs://exports', 'file:///var/exports'])('%j is refused', (text) => {
    expect(() => stagingOf(text)).toThrow('TITANFLOW_STAGING must be a directory, or s3://bucket/prefix');
  });
});

const ENV = { TITAN_TOKEN: 'token-1', TEMPORAL_CONFIG_FILE: '/nowhere' };

function refusalOf(env: Record<string, string>): string {
  try {
    loadWorkerConfig({ ...ENV, ...env });
    return '';
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError', exitCode: 2 });
    return (error as Error).message;
  }
}

describe('a setting', () => {
  it('is read without the blanks and line breaks around it, by all of its readers', () => {
    const env = {
      TITAN_TOKEN: ' token-1\r\n',
      TITAN_API_URL: 'https://gw.example/\n',
      TITAN_AUTH: ' x-api-key ',
      TITAN_RPM: '60\n',
      TITANFLOW_TASK_QUEUE: ' q ',
      TITANFLOW_INSTANCE: ' laptop\n',
      TITANFLOW_SECRET_SHOP: 'key\n',
      TITANFLOW_LOG: 'debug ',
      TEMPORAL_ADDRESS: ' host:7233\n',
      TEMPORAL_API_KEY: 'key-2\n',
      TEMPORAL_NAMESPACE: 'ns ',
      TEMPORAL_CONFIG_FILE: '/nowhere',
    };
    const config = loadWorkerConfig(env);
    expect(config).toMatchObject({
      titan: { url: 'https://gw.example', token: 'token-1', auth: 'x-api-key', requestsPerMinute: 60 },
      taskQueue: 'q',
      instance: 'laptop',
      temporal: { namespace: 'ns', connectionOptions: { address: 'host:7233', apiKey: 'key-2' } },
    });
    expect(config.secrets).toEqual(new Map([['SHOP', 'key']]));
    expect(loadInstance(env)).toBe('laptop');
    expect(loadTitanConfig(env)).toEqual(config.titan);
  });

  it('that is blank counts as unset, for whoever asks', () => {
    const blank = { TITANFLOW_TASK_QUEUE: ' ', TITANFLOW_INSTANCE: '', TITAN_API_URL: '\n', TITANFLOW_SECRET_SHOP: '' };
    expect(loadWorkerConfig({ ...ENV, ...blank })).toMatchObject({
      taskQueue: 'titanflow',
      instance: undefined,
      titan: { url: 'https://api.webscraping.titannet.io' },
      secrets: new Map(),
    });
    expect(namesTemporalServer({ TEMPORAL_ADDRESS: ' ', TEMPORAL_PROFILE: '' })).toBe(false);
    expect(refusalOf({ TITAN_TOKEN: '\n' })).toContain('TITAN_TOKEN is not set');
  });

  it.each([
    ['TITAN_TOKEN', 'canary\ncanary', 'TITAN_TOKEN holds a blank'],
    ['TITAN_TOKEN', 'Bearer canary', 'TITAN_TOKEN holds a blank'],
    ['TITAN_TOKEN', 'canary\u20ac', 'TITAN_TOKEN holds a blank'],
    ['TITAN_TOKEN', 'canary\u0007', 'TITAN_TOKEN holds a blank'],
    ['TITAN_API_URL', 'https://u:canary@gw.example', 'without user and password'],
    ['TITAN_API_URL', 'https://canary@gw.example', 'without user and password'],
    ['TITAN_API_URL', 'https://gw.example/canary', 'without path, query and fragment'],
    ['TITAN_API_URL', 'https://gw.example/?key=canary', 'without path, query and fragment'],
    ['TITAN_API_URL', 'https://gw.example/#canary', 'without path, query and fragment'],
    ['TITAN_API_URL', 'https://gw.example/api/v1', 'the origin alone, without /api/v1: https://gw.example'],
    ['TITAN_API_URL', 'https://gw.example/api/v1/', 'the origin alone'],
    ['TITAN_API_URL', 'https://gw.example/titan', 'without path, query and fragment'],
    ['TITAN_API_URL', 'canary.example', 'must be an origin such as'],
    ['TITAN_API_URL', 'https://gw.exa\nmple', 'TITAN_API_URL holds a line break'],
    ['TITAN_RPM', '9'.repeat(400), 'TITAN_RPM must be a whole number'],
    ['TITANFLOW_TASK_QUEUE', 'a\nb', 'TITANFLOW_TASK_QUEUE holds a line break'],
    ['TITANFLOW_STAGING', '~/staging', 'TITANFLOW_STAGING must not begin with ~'],
    ['TITANFLOW_STAGING', '~me/staging', 'TITANFLOW_STAGING must not begin with ~'],
    ['TITANFLOW_STORES', '~/stores.yaml', 'TITANFLOW_STORES must not begin with ~'],
    ['AWS_ENDPOINT_URL', 'https://u:canary@s3.example', 'without user and password'],
    ['AWS_SECRET_ACCESS_KEY', 'canary\n', 'AWS_SECRET_ACCESS_KEY begins or ends with a blank'],
    ['TEMPORAL_ADDRESS', 'http://localhost:7233', 'TEMPORAL_ADDRESS must not begin with http://; write localhost:7233'],
    ['TEMPORAL_ADDRESS', 'https://x.tmprl.cloud:7233/', 'write x.tmprl.cloud:7233, and TEMPORAL_TLS=true'],
    ['TEMPORAL_ADDRESS', 'u:canary@localhost:7233', 'neither user nor password'],
    ['TEMPORAL_ADDRESS', 'localhost:99999', 'no port between 1 and 65535'],
    ['TEMPORAL_ADDRESS', 'localhost:web', 'no port between 1 and 65535'],
    ['TEMPORAL_ADDRESS', 'localhost:7233/path', 'a host and a port, and nothing else'],
    ['TEMPORAL_ADDRESS', '::1:7233', 'is no host and port'],
    ['TEMPORAL_API_KEY', 'canary canary', 'TEMPORAL_API_KEY holds a blank'],
    ['TEMPORAL_TLS', 'yes', 'TEMPORAL_TLS must be true or false'],
    ['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', 'true', "is nothing that Temporal's SDK knows"],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', 'canary', 'belong together'],
    ['TEMPORAL_TLS_SERVER_CA_CERT_DATA', 'canary', 'must hold PEM'],
  ])('%s=%j is refused, and not shown', (name, value, told) => {
    const refusal = refusalOf({ [name]: value });
    expect(refusal).toContain(told);
    expect(refusal).not.toContain('canary');
  });

  it.each([
    ['AWS_ENDPOINT_URL', 'https://s3.example/rows'],
    ['AWS_ENDPOINT_URL', 'https://rows.s3.example'],
    ['AWS_ENDPOINT_URL_S3', 'https://s3.example/rows/titan/'],
  ])('%s=%s has the bucket of the staging in it, and is refused', (name, value) => {
    expect(refusalOf({ [name]: value, TITANFLOW_STAGING: 's3://rows/titan' })).toBe(
      `${name} must not have the bucket in it: write https://s3.example, and the bucket in TITANFLOW_STAGING, as it is (s3://rows/titan)`,
    );
  });

  it.each([
    ['localhost', 'localhost'],
    ['[::1]:7233', '[::1]:7233'],
    ['10.0.0.1:1', '10.0.0.1:1'],
  ])('TEMPORAL_ADDRESS=%s is used', (text, address) => {
    const { temporal } = loadWorkerConfig({ ...ENV, TEMPORAL_ADDRESS: text });
    expect(temporal.connectionOptions.address).toBe(address);
  });

  it('that is a switch may be in capitals, or a number', () => {
    const tlsOf = (TEMPORAL_TLS: string) => loadWorkerConfig({ ...ENV, TEMPORAL_TLS }).temporal.connectionOptions.tls;
    expect([tlsOf('TRUE'), tlsOf('1')].map((tls) => typeof tls)).toEqual(['object', 'object']);
    expect([tlsOf('False'), tlsOf('0')]).toEqual([false, false]);
  });

  it('in a profile that cannot be read is not shown', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'titanflow-config-'));
    const file = join(directory, 'temporal.toml');
    await writeFile(file, '[profile.default]\napi_key = "canary" canary\n');
    expect(refusalOf({ TEMPORAL_CONFIG_FILE: file })).toMatch(/^Temporal's settings: (?!.*canary)/s);
    await rm(directory, { recursive: true });
  });

  it('that the AWS SDK reads by itself is looked at for staging, too', () => {
    expect(() => loadStagingPlace({ AWS_SESSION_TOKEN: ' x' })).toThrow('AWS_SESSION_TOKEN begins or ends');
  });

  it('that is secret is known to whoever masks, however wrong the others are', () => {
    const env = {
      TITAN_TOKEN: 'a\n',
      TITANFLOW_SECRET_X: 'b',
      TEMPORAL_API_KEY: 'c',
      AWS_SECRET_ACCESS_KEY: 'd',
      TEMPORAL_TLS: 'false',
    };
    const known = loadSecrets({
      ...env,
      TITANFLOW_STORES: '/nowhere',
      TITAN_API_URL: 'no',
      TEMPORAL_CONFIG_FILE: '/nowhere',
    });
    expect(known).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
  });
});
