import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startCli, type RunningCli } from '../helpers/cli.js';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.js';
import { CANARY, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let proxy: TcpProxy;
const workers: RunningCli[] = [];

beforeAll(async () => {
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  proxy = await startTcpProxy({ host, port: Number(port) });
});

afterAll(async () => {
  for (const { child, ended } of workers) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  }
  await place.close();
  await proxy.close();
});

async function startWorkerProcess(temporalAddress: string): Promise<RunningCli> {
  const { taskQueue, titan } = place.config;
  const worker = startCli(['worker'], {
    env: {
      TEMPORAL_ADDRESS: temporalAddress,
      TITANFLOW_TASK_QUEUE: taskQueue,
      TITANFLOW_STAGING: place.staging,
      TITAN_API_URL: titan.url,
      TITAN_TOKEN: CANARY,
      TITAN_RPM: '0',
    },
    cwd: join(place.out, '..'),
  });
  workers.push(worker);
  await worker.says('working on task queue');
  return worker;
}

/**
 * A run whose request was answered by a gateway, and whose worker then went: the next worker looks, finds nothing, and
 * is about to send. Returns that worker, while it still looks.
 */
async function startDoubtfulRun(name: string, temporalAddress: string) {
  place.emulator.setScenario({
    seconds: 1,
    rows: 5,
    faults: [{ route: 'POST /tasks/:id/run', kind: 'refuse', status: 502, count: 1 }],
  });
  const first = await startWorkerProcess(inject('temporalAddress'));
  const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name } });
  await vi.waitFor(() => expect(place.emulator.ledger().faults).toEqual({ refuse: 1 }), 30_000);
  first.child.kill('SIGTERM');
  await first.ended;
  const second = await startWorkerProcess(temporalAddress);
  await sleep(4_000);
  return { result, second };
}

describe('a worker that was away for longer than its heartbeat timeout, about to send a run', () => {
  it('does not send it when it was frozen', async () => {
    place = await openWorkplace();
    const { result, second } = await startDoubtfulRun('Frozen', inject('temporalAddress'));
    second.child.kill('SIGSTOP');
    expect(place.executionsOf('Frozen')).toHaveLength(0);
    await startWorkerProcess(inject('temporalAddress'));
    await result();
    second.child.kill('SIGCONT');
    // It goes on with its look, sees nothing that is not owned, and comes to the point where it would send.
    await sleep(12_000);
    expect(place.executionsOf('Frozen')).toHaveLength(1);
    await place.close();
  }, 300_000);

  it('does not send it when its connection to Temporal is cut', async () => {
    place = await openWorkplace();
    const { result } = await startDoubtfulRun('Cut off', `127.0.0.1:${proxy.port}`);
    await proxy.cut();
    await startWorkerProcess(inject('temporalAddress'));
    await result();
    await proxy.restore();
    await sleep(12_000);
    expect(place.executionsOf('Cut off')).toHaveLength(1);
  }, 300_000);
});
