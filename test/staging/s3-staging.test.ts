import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStaging } from '../../src/staging/open-staging.js';
import type { S3Place } from '../../src/staging/s3/s3-place.js';
import { startS3, type TestS3 } from '../helpers/s3-server.js';
import { startTcpProxy } from '../helpers/tcp-proxy.js';
import { contents, describeStaging, stage } from './contract.js';

let s3: TestS3;

beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
});

function place(changes: Partial<S3Place> = {}): S3Place {
  return { kind: 's3', bucket: s3.bucket, prefix: `staging/${randomUUID()}`, endpoint: s3.endpoint, ...changes };
}

/** Objects, and uploads that are under way. */
async function namesIn({ bucket, prefix }: S3Place): Promise<string[]> {
  const asked = { Bucket: bucket, Prefix: `${prefix}/` };
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command(asked));
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand(asked));
  return [...Contents, ...Uploads].map(({ Key = '' }) => Key.slice(prefix.length + 1));
}

describeStaging(async () => {
  const here = place();
  return {
    staging: await openStaging(here),
    uriOf: (name) => `s3://${here.bucket}/${here.prefix}/${name}`,
    names: () => namesIn(here),
  };
});

describe('staging in a bucket', () => {
  it('may be done without a prefix', async () => {
    const here = place({ bucket: await s3.createBucket(), prefix: '' });
    const staging = await openStaging(here);
    expect(await stage(staging, 'e1/a', '1')).toMatchObject({ uri: `s3://${here.bucket}/e1/a` });
    expect(String(await contents(staging, 'e1/a'))).toBe('1');
  });

  it('has no id: whoever is told of it reaches it', async () => {
    expect((await openStaging(place())).id).toBeUndefined();
  });

  it('cannot begin without the bucket', async () => {
    await expect(openStaging(place({ bucket: 'nowhere' }))).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringMatching(
        /^staging: s3:\/\/nowhere\/staging\/.+ cannot be used: there is no bucket nowhere; make it, or mend TITANFLOW_STAGING$/,
      ),
    });
  });

  it.each([
    ['AWS_ACCESS_KEY_ID', 'access key'],
    ['AWS_SECRET_ACCESS_KEY', 'the secret key is wrong; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ])('cannot begin with a wrong %s, which is told to nobody', async (name, told) => {
    vi.stubEnv(name, 'canary-credential');
    const error: unknown = await openStaging(place()).catch((thrown: unknown) => thrown);
    vi.stubEnv(name, s3.environment[name]);
    expect(error).toMatchObject({ reason: 'unavailable', message: expect.stringContaining(told) });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/canary|Signature=|Credential=/);
  });

  it('cannot begin without a region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    const opening = openStaging(place());
    await expect(opening).rejects.toThrow('no region is known; set AWS_REGION');
    vi.stubEnv('AWS_REGION', s3.region);
  });

  it('cannot begin with the region of another bucket', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-7');
    await expect(openStaging(place())).rejects.toThrow(/the region "eu-west-7" is wrong.*; set AWS_REGION$/);
    vi.stubEnv('AWS_REGION', s3.region);
  });
});

describe('when the server is gone', () => {
  it('every step says so, and all is well when it is back', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(s3.endpoint).port) });
    const endpoint = `http://127.0.0.1:${proxy.port}`;
    const here = place({ endpoint });
    const staging = await openStaging(here);
    await stage(staging, 'before', 'text');
    const small = await staging.create('small');
    await small.write('x');
    const large = await staging.create('large');
    await proxy.cut();

    const told = { reason: 'unavailable', message: expect.stringContaining(`${endpoint}; check AWS_ENDPOINT_URL`) };
    await expect(openStaging(here)).rejects.toMatchObject(told);
    await expect(contents(staging, 'before')).rejects.toMatchObject(told);
    await expect(small.commit()).rejects.toMatchObject(told);
    const writing = async (): Promise<void> => {
      for (let part = 0; part < 20; part += 1) await large.write(randomBytes(4_000_000));
    };
    await expect(writing()).rejects.toMatchObject(told);
    await expect(large.write('more')).rejects.toMatchObject(told);
    await Promise.all([small.abort(), large.abort()]);

    await proxy.restore();
    expect(await namesIn(here)).toEqual(['before']);
    expect(String(await contents(staging, 'before'))).toBe('text');
    await proxy.close();
  });

  it('for a moment, a file is read on from where it broke off', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(s3.endpoint).port) });
    const staging = await openStaging(place({ endpoint: `http://127.0.0.1:${proxy.port}` }));
    const bytes = randomBytes(30_000_000);
    await stage(staging, 'large', bytes);
    const read: Buffer[] = [];
    for await (const chunk of staging.read('large')) {
      read.push(chunk);
      if (read.length % 20 === 0) {
        await proxy.cut();
        await proxy.restore();
      }
    }
    expect(Buffer.concat(read).equals(bytes)).toBe(true);
    await proxy.close();
  });
});

it('a file that is replaced while it is read is no mixture of both', async () => {
  const staging = await openStaging(place());
  await stage(staging, 'large', Buffer.alloc(20_000_000, 'a'));
  const reading = async (): Promise<void> => {
    let isFirst = true;
    for await (const chunk of staging.read('large')) {
      expect(chunk.includes('b')).toBe(false);
      if (isFirst) await stage(staging, 'large', Buffer.alloc(20_000_000, 'b'));
      isFirst = false;
    }
  };
  await expect(reading()).rejects.toMatchObject({
    message: expect.stringContaining('it was replaced while it was read'),
  });
});
