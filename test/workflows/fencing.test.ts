import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { RunningCli } from '../helpers/cli.js';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.js';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let proxy: TcpProxy;

beforeAll(async () => {
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  proxy = await startTcpProxy({ host, port: Number(port) });
});

afterAll(async () => {
  await place.close();
  await proxy.close();
});

function startAt(temporalAddress: string): Promise<RunningCli> {
  return startWorkerProcess(place, { TEMPORAL_ADDRESS: temporalAddress, TITAN_RPM: '0' });
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
  const first = await startAt(inject('temporalAddress'));
  const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name } });
  await vi.waitFor(() => expect(place.emulator.ledger().faults).toEqual({ refuse: 1 }), 30_000);
  first.child.kill('SIGTERM');
  await first.ended;
  const second = await startAt(temporalAddress);
  await sleep(4_000);
  return { result, second };
}

describe('a worker that was away for longer than its heartbeat timeout, about to send a run', () => {
  it('does not send it when it was frozen', async () => {
    place = await openWorkplace();
    const { result, second } = await startDoubtfulRun('Frozen', inject('temporalAddress'));
    second.child.kill('SIGSTOP');
    expect(place.executionsOf('Frozen')).toHaveLength(0);
    await startAt(inject('temporalAddress'));
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
    await startAt(inject('temporalAddress'));
    await result();
    await proxy.restore();
    await sleep(12_000);
    expect(place.executionsOf('Cut off')).toHaveLength(1);
  }, 300_000);
});
