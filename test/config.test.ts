import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadWorkerConfig } from '../src/config.js';

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
