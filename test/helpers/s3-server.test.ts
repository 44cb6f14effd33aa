import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startS3, type TestS3 } from './s3-server.js';

let s3: TestS3;

beforeAll(async () => {
  s3 = await startS3();
});

afterAll(() => s3.stop());

it('the S3 server of the tests keeps objects, also over a restart', async () => {
  await s3.client.send(
    new PutObjectCommand({ Bucket: s3.bucket, Key: 'a/b', Body: 'text', ContentType: 'text/x-test' }),
  );
  await s3.halt();
  await expect(fetch(s3.endpoint)).rejects.toThrow('fetch failed');
  await s3.start();
  const { Body, ContentType } = await s3.client.send(new GetObjectCommand({ Bucket: s3.bucket, Key: 'a/b' }));
  expect([await Body?.transformToString(), ContentType]).toEqual(['text', 'text/x-test']);
  const { KeyCount } = await s3.client.send(new ListObjectsV2Command({ Bucket: await s3.createBucket() }));
  expect(KeyCount).toBe(0);
});

it('does not let strangers in', async () => {
  expect((await fetch(`${s3.endpoint}/${s3.bucket}/a/b`)).status).toBe(403);
});
