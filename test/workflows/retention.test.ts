import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createNeeds } from '../../src/worker/needed-runs.js';
import { openStaging, type StagingPlace } from '../../src/staging/open-staging.js';
import { tidyStaging } from '../../src/worker/tidy-staging.js';
import { startS3, type TestS3 } from '../helpers/s3-server.js';
import { startTcpProxy } from '../helpers/tcp-proxy.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let s3: TestS3;
let place: Workplace;
let staging: StagingPlace;
/** Of the kind that a worker has. */
let connection: NativeConnection;
let isNeeded: (run: string) => Promise<boolean>;

beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  staging = { kind: 's3', bucket: s3.bucket, prefix: 'exports', endpoint: s3.endpoint };
  place = await openWorkplace();
  await place.startWorker({ staging });
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  isNeeded = createNeeds(new Client({ connection }));
});

afterAll(async () => {
  await connection.close();
  await place.close();
  await s3.stop();
  vi.unstubAllEnvs();
});

async function executionOf(name: string): Promise<string> {
  await vi.waitFor(() => expect(place.executionsOf(name)).toHaveLength(1), 20_000);
  return place.executionsOf(name)[0]?.id ?? '';
}

const task = (name: string) => ({ ...PRODUCT_TASK, name });

describe('a staged export is needed', () => {
  it('while its run is open, or held by a gate, and then no more', async () => {
    place.emulator.setScenario({
      seconds: 1,
      rows: 5,
      tasks: [
        { name: 'Slow', seconds: 600 },
        { name: 'Empty', rows: 0 },
      ],
    });
    const publish = [{ store: 'local', table: 'rows', mode: 'append' }] as const;
    const [done, held, slow] = await Promise.all([
      place.titanflow.runTask(randomUUID(), { task: task('Done') }),
      place.titanflow.runTask(randomUUID(), { task: task('Empty'), publish }),
      place.titanflow.runTask(randomUUID(), { task: task('Slow') }),
    ]);
    const { executionId } = await done.result();
    const failure = await failureOf(held.result());
    expect(failure.type).toBe('ExpectationFailed');
    const heldId = failure.details[0].executionId ?? '';
    const slowId = await executionOf('Slow');
    await vi.waitFor(async () => expect(await isNeeded(slowId)).toBe(true), 20_000);
    expect(await Promise.all([executionId, heldId, slowId, 'unknown'].map(isNeeded))).toEqual([
      false,
      true,
      true,
      false,
    ]);

    const opened = await openStaging(staging);
    const { signal } = new AbortController();
    const before = new Date(Date.now() + 60_000);
    expect(await tidyStaging({ staging: opened, before, isNeeded, signal })).toEqual({
      removed: 1,
      needed: 1,
      unfinished: 0,
    });
    const left = new Set<string>();
    for await (const { name } of opened.list()) left.add(name.split('/')[0] ?? '');
    expect([...left]).toEqual([heldId]);

    await place.client.workflow.getHandle(slow.workflowId).cancel();
    await failureOf(slow.result()).catch(() => undefined);
    await vi.waitFor(async () => expect(await isNeeded(slowId)).toBe(false), 20_000);
  });

  it('while the pipeline at its top is open', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5, tasks: [{ name: 'Long step', seconds: 600 }] });
    const pipeline = {
      name: 'retention',
      steps: { short: { task: task('Short step') }, long: { task: task('Long step') } },
    };
    const { workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    const short = await executionOf('Short step');
    const follower = place.client.workflow.getHandle(`execution/${short}`);
    await vi.waitFor(async () => expect((await follower.describe()).status.name).toBe('COMPLETED'), 20_000);
    expect(await isNeeded(short)).toBe(true);
    const run = place.client.workflow.getHandle(workflowId);
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(await isNeeded(short)).toBe(false);
  });
});

it('nobody can tell what is needed while Temporal is away', async () => {
  const [host = '', port] = inject('temporalAddress').split(':');
  const proxy = await startTcpProxy({ host, port: Number(port) });
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${proxy.port}` });
  await proxy.cut();
  await expect(createNeeds(new Client({ connection }), 500)('unknown')).rejects.toThrow(
    /DEADLINE_EXCEEDED|UNAVAILABLE|Failed to describe/,
  );
  await connection.close();
  await proxy.close();
});
