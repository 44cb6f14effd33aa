import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createTaskService } from '../../src/task-service/task-service.js';
import { endedAt } from '../../src/task-service/wire.js';
import { isLive } from '../../src/domain/status.js';
import type { Contestant, Ground } from './contestant.js';
import { keepOpen } from './keep-open.js';
import { definitionOf, DURATIONS, kindOf } from './load.js';

export type RetryActivities = Awaited<ReturnType<typeof createRetryActivities>>;

const QUEUE = 'retry';
/** Between two polls of one execution, as Temporal's own example of infrequent polling has it. */
const POLL_EVERY_MS = 60_000;

/**
 * What Temporal advises for slow polling: an activity that fails until the execution has ended, and is retried. The
 * queue's rate is limited to the account's, a little short of it, so that nothing is refused.
 */
export const retry: Contestant = async (ground) => {
  const { load, temporalAddress, account } = ground;
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    connection,
    taskQueue: QUEUE,
    workflowsPath: fileURLToPath(new URL('retry-workflow.js', import.meta.url)),
    activities: await createRetryActivities(ground),
    maxTaskQueueActivitiesPerSecond: (0.985 * load.limit * load.speed) / 60,
    maxConcurrentActivityTaskExecutions: 100,
  });
  const ended = worker.run();
  const clientConnection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection: clientConnection });
  const open = keepOpen(account, load.open, async (run) => {
    const args: [number, number] = [kindOf(run), POLL_EVERY_MS / load.speed];
    await client.workflow.start('runByRetry', { workflowId: `retry-${run}`, taskQueue: QUEUE, args });
  });
  return {
    async stop() {
      await open.stop();
      worker.shutdown();
      await ended;
      await clientConnection.close();
      await connection.close();
    },
  };
};

async function createRetryActivities({ account, onEndSeen }: Ground) {
  const service = createTaskService({ url: account.url, token: 'bench' });
  const tasks: string[] = [];
  for (let kind = 0; kind < DURATIONS.length; kind++) tasks.push((await service.tasks.create(definitionOf(kind))).id);
  return {
    run: async (kind: number): Promise<string> => (await service.tasks.run(tasks[kind] ?? '')).id,
    async poll(executionId: string): Promise<void> {
      const execution = await service.executions.get(executionId);
      if (isLive(execution.status)) throw ApplicationFailure.retryable('not yet');
      onEndSeen(Date.parse(endedAt(execution) ?? ''));
    },
    async download(executionId: string): Promise<void> {
      const { chunks } = await service.results.export(executionId, 'json');
      for await (const chunk of chunks) void chunk;
    },
  };
}
