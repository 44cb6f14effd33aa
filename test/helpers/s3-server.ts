import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startGuarded, type GuardedProcess } from '../../src/dev/temporal/guarded-process.js';
import { freePort } from '../../src/free-port.js';
import { versitygwBinary } from './versitygw-binary.js';

export interface TestS3 {
  /** `http://127.0.0.1:<port>`; buckets are in the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Is there from the start, and empty. */
  readonly bucket: string;
  /** The same as the AWS SDK and its command line read it from the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** As its owner, for looking behind the scenes. */
  readonly client: S3Client;
  /** Where the bucket is a folder and every object a file. */
  readonly directory: string;
  /** Makes another bucket. @returns its name */
  createBucket(): Promise<string>;
  /** Takes the server away, and leaves what it holds; {@link start} brings it back at the same address. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes what it holds. */
  stop(): Promise<void>;
}

const REGION = 'us-east-1';
const START_LIMIT_MS = 20_000;
const PORT_TRIES = 5;

/** A real S3 server, versitygw, on a free port with new credentials. It does not outlive this process. */
export async function startS3(): Promise<TestS3> {
  const command = await versitygwBinary();
  const home = await mkdtemp(join(tmpdir(), 'titanflow-s3-'));
  const directory = join(home, 'objects');
  // Beside the objects, so that no file system with extended attributes is needed.
  const metadata = join(home, 'metadata');
  await Promise.all([mkdir(directory), mkdir(metadata)]);
  const accessKeyId = `test${randomBytes(8).toString('hex')}`;
  const secretAccessKey = randomBytes(20).toString('hex');

  function launch(port: number): GuardedProcess {
    return startGuarded({
      command,
      args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', metadata, directory],
      env: { ...process.env, ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
    });
  }

  let { server, port } = await startOnFreePort(launch);
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });

  async function createBucket(): Promise<string> {
    const name = `test-${randomBytes(6).toString('hex')}`;
    await client.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  return {
    endpoint,
    region: REGION,
    ...credentials,
    bucket: await createBucket(),
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    client,
    directory,
    createBucket,
    halt: () => server.stop(),
    async start() {
      server = launch(port);
      await untilReady(server, port);
    },
    async stop() {
      client.destroy();
      await server.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function startOnFreePort(launch: (port: number) => GuardedProcess) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(0);
    const server = launch(port);
    try {
      await untilReady(server, port);
      return { server, port };
    } catch (error) {
      await server.stop();
      // Between our look and the server's start somebody else took the port.
      if (attempt === PORT_TRIES || !/address already in use/.test(String(error))) throw error;
    }
  }
}

/** It answers, if only that it does not know who asks. */
async function untilReady(server: GuardedProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  const ended = server.exited.then((code) => `ended at once, with exit code ${code}`);
  for (;;) {
    const asked = fetch(`http://127.0.0.1:${port}/`).then(
      () => 'ready',
      () => (Date.now() > deadline ? 'did not answer' : setTimeout(20, 'not yet')),
    );
    const outcome = await Promise.race([ended, asked]);
    if (outcome === 'ready') return;
    if (outcome !== 'not yet') throw new Error([`versitygw ${outcome}`, ...server.lastLines()].join('\n'));
  }
}
