import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readProgress } from '../../src/client/read-progress.js';
import type { StagingPlace } from '../../src/staging/open-staging.js';
import { startPostgres, type TestPostgres } from '../helpers/postgres.js';
import { startS3, type TestS3 } from '../helpers/s3-server.js';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.js';
import { openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let s3: TestS3;
let postgres: TestPostgres;
let proxy: TcpProxy;
let place: Workplace;

beforeAll(async () => {
  [s3, postgres] = await Promise.all([startS3(), startPostgres()]);
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  const url = new URL(postgres.url);
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  place = await openWorkplace({ stores: { warehouse: { kind: 'postgres', url: url.href } } });
});

afterAll(async () => {
  await place.close();
  await proxy.close();
  await Promise.all([postgres.stop(), s3.stop()]);
  vi.unstubAllEnvs();
});

/** A queue of its own, whose workers stage there. */
async function workAt(staging: StagingPlace) {
  const taskQueue = `${place.config.taskQueue}-${randomUUID().slice(0, 8)}`;
  const start = () => place.startWorker({ staging, taskQueue });
  const worker = await start();
  return {
    worker,
    start,
    runTask: (task: object, publish: object) =>
      place.client.workflow.start('runTask', {
        workflowId: randomUUID(),
        taskQueue,
        args: [{ task, publish: [publish] }],
      }),
  };
}

/** Runs a task until its rows are staged, and its store is out of reach. */
async function untilStoreIsMissed(at: Awaited<ReturnType<typeof workAt>>, name: string) {
  place.emulator.setScenario({ seconds: 2, rows: 5 });
  const table = name.toLowerCase().replaceAll(' ', '_');
  const run = await at.runTask({ ...PRODUCT_TASK, name }, { store: 'warehouse', table, mode: 'append' });
  await vi.waitFor(() => expect(place.executionsOf(name)).toHaveLength(1), 20_000);
  await proxy.cut();
  await vi.waitFor(async () => {
    const { below } = await readProgress(place.client, run.workflowId);
    expect(below['execution']?.pending.map(({ lastFailure }) => lastFailure).join()).toContain('Postgres at');
  }, 30_000);
  return run;
}

function bucket(prefix: string): StagingPlace {
  return { kind: 's3', bucket: s3.bucket, prefix, endpoint: s3.endpoint };
}

async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

describe('a run that is staged in a bucket', () => {
  it('reaches its tables, and leaves there what a directory would hold', async () => {
    const { runTask } = await workAt(bucket('whole'));
    const run = await runTask(PRODUCT_TASK, { store: 'local', table: 'staged_far', mode: 'append' });
    const { executionId, export: ref } = (await run.result()) as { executionId: string; export: { uri: string } };
    expect(ref.uri).toBe(`s3://${s3.bucket}/whole/${executionId}/export.json`);
    expect(await readTable(place.out, 'staged_far')).toHaveLength(5);
    const names = ['export.json', 'facts.json', 'rejects.jsonl', 'staged.json'].map(
      (name) => `whole/${executionId}/${name}`,
    );
    expect(await keysBelow('whole/')).toEqual(names);
  });

  it('is published by another worker when the one that exported it is gone', async () => {
    const at = await workAt(bucket('two'));
    const run = await untilStoreIsMissed(at, 'Two workers');
    await at.worker.shutdown();
    await at.start();
    await proxy.restore();
    expect(await run.result()).toMatchObject({ published: [{ rows: 5 }] });
    expect(place.executionsOf('Two workers')).toMatchObject([{ exports: 1 }]);
  });
});

describe('results are exported again when, before they are published, they', () => {
  it('are gone from a bucket', async () => {
    const run = await untilStoreIsMissed(await workAt(bucket('gone')), 'Gone from a bucket');
    const Objects = (await keysBelow('gone/')).map((Key) => ({ Key }));
    await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects } }));
    await proxy.restore();
    expect(await run.result()).toMatchObject({ published: [{ rows: 5, inserted: 5 }] });
    expect(place.executionsOf('Gone from a bucket')).toMatchObject([{ exports: 2 }]);
  });

  it('are changed in a directory', async () => {
    const at = await workAt({ kind: 'directory', directory: place.staging });
    const run = await untilStoreIsMissed(at, 'Changed in a directory');
    const [execution] = place.executionsOf('Changed in a directory');
    const path = join(place.staging, execution?.id ?? '', 'export.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"title":"./, '"title":"!'));
    await proxy.restore();
    expect(await run.result()).toMatchObject({ published: [{ rows: 5, inserted: 5 }] });
    expect(await readFile(path, 'utf8')).not.toContain('"title":"!');
    expect(place.executionsOf('Changed in a directory')).toMatchObject([{ exports: 2 }]);
  });
});
