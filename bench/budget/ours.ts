import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import type { Contestant } from './contestant.js';
import { keepOpen } from './keep-open.js';
import { definitionOf, kindOf } from './load.js';
import type { WorkerOrders } from './ours-process.js';

/** Workers of ours, each in a process of its own, that know nothing of each other. */
export function ours(workers: number): Contestant {
  return async ({ account, load, temporalAddress, onEndSeen }) => {
    const taskQueue = `ours-${crypto.randomUUID().slice(0, 8)}`;
    const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
    const { limit, speed } = load;
    const orders: WorkerOrders = { url: account.url, temporalAddress, taskQueue, directory, limit, speed };
    const processes = await Promise.all(Array.from({ length: workers }, async () => startProcess(orders, onEndSeen)));

    const connection = await Connection.connect({ address: temporalAddress });
    const titanflow = createTitanflowClient({ client: new Client({ connection }), taskQueue });
    const open = keepOpen(account, load.open, async (run) => {
      await titanflow.runTask(`${taskQueue}-${run}`, { task: definitionOf(kindOf(run)) });
    });
    return {
      async stop() {
        await open.stop();
        for (const child of processes) child.kill('SIGKILL');
        await connection.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  };
}

async function startProcess(orders: WorkerOrders, onEndSeen: (endedAt: number) => void): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('ours-process.js', import.meta.url)), [JSON.stringify(orders)]);
  await once(child, 'message');
  child.on('message', (endedAt) => onEndSeen(Number(endedAt)));
  return child;
}
