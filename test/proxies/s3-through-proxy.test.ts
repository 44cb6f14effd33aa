import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadAgents } from '../../src/config.js';
import type { S3StoreConfig } from '../../src/domain/store-config.js';
import { openStaging } from '../../src/staging/open-staging.js';
import { openStores } from '../../src/stores/open-stores.js';
import { startHttpProxy, type HttpProxy } from '../helpers/http-proxy.js';
import { startS3, type TestS3 } from '../helpers/s3-server.js';

const CREDENTIAL = 'user:canary-pass';
const COLUMNS = [{ name: 'a', type: 'bigint' }] as const;

let s3: TestS3;
let proxy: HttpProxy;

beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) process.env[name] = value;
});

afterAll(async () => {
  for (const name of Object.keys(s3.environment)) delete process.env[name];
  await s3.stop();
});

beforeEach(async () => {
  proxy = await startHttpProxy(CREDENTIAL);
});

afterEach(() => proxy.close());

function throughProxy(user = `${CREDENTIAL}@`, more: Record<string, string> = {}) {
  return loadAgents({ HTTP_PROXY: proxy.url.replace('//', `//${user}`), ...more });
}

function storeThrough(openAgents: ReturnType<typeof throughProxy>) {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = s3;
  const lake: S3StoreConfig = {
    kind: 's3',
    format: 'jsonl',
    prefix: 'lake',
    endpoint,
    bucket,
    accessKeyId,
    secretAccessKey,
  };
  return openStores({ lake }, openAgents).get('lake');
}

const check = (store: ReturnType<typeof storeThrough>): Promise<void> =>
  store.check({ store: 'lake', table: 't', mode: 'append' }, 'test', COLUMNS);

describe('a store in S3', () => {
  it('is reached through the proxy, and without it where NO_PROXY says so', async () => {
    await check(storeThrough(throughProxy()));
    const asked = proxy.asked.length;
    expect(asked).toBeGreaterThan(0);
    expect(proxy.asked.every(({ line }) => line.includes(` ${s3.endpoint}/${s3.bucket}`))).toBe(true);
    await check(storeThrough(throughProxy(undefined, { NO_PROXY: new URL(s3.endpoint).host })));
    expect(proxy.asked).toHaveLength(asked);
  });

  it('is away, and not wrong, while the proxy does not let us through', async () => {
    const refused = check(storeThrough(throughProxy('')));
    await expect(refused).rejects.toMatchObject({ reason: 'unavailable', message: expect.stringContaining('proxy') });
    proxy.answer(502);
    await expect(check(storeThrough(throughProxy()))).rejects.toMatchObject({ reason: 'unavailable' });
    await proxy.close();
    const down = check(storeThrough(throughProxy()));
    await expect(down).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining(`the proxy ${proxy.url} (HTTP_PROXY) does not answer`),
    });
    proxy = await startHttpProxy();
  });
});

describe('staging in S3', () => {
  const place = (user?: string) => {
    const openAgents = throughProxy(user);
    const { endpoint, bucket } = s3;
    return { kind: 's3', bucket, prefix: 'staging', endpoint, ...(openAgents ? { openAgents } : {}) } as const;
  };

  it('is written and read through the proxy, also in parts', async () => {
    const staging = await openStaging(place());
    const writer = await staging.create('run/export.json');
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let written = 0; written < 20; written++) await writer.write(chunk);
    await writer.commit();
    let bytes = 0;
    for await (const read of staging.read('run/export.json')) bytes += read.length;
    expect(bytes).toBe(20 * chunk.length);
    expect(proxy.asked.filter(({ line }) => /partNumber=/.test(line))).toHaveLength(3);
    expect(proxy.asked.filter(({ line }) => line.startsWith('GET '))).not.toHaveLength(0);
  });

  it('is away, and says so, where the proxy wants another user', async () => {
    await expect(openStaging(place(''))).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining('a proxy in between wants a user and a password'),
    });
  });
});
