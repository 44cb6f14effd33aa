import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { executionWorkflowId } from '../../src/domain/ids.js';
import { createTaskService } from '../../src/task-service/task-service.js';

const AT_ONCE = 50;

/** Workflows that wait for executions which take longer than the bench. */
export interface Crowd {
  /** Until `count` of them wait. */
  grow(count: number): Promise<void>;
  /** How many wait in an attempt that began after a moment, Unix milliseconds. */
  waitingSince(moment: number): Promise<number>;
  close(): Promise<void>;
}

export async function createCrowd(serviceUrl: string, temporalAddress: string, taskQueue: string): Promise<Crowd> {
  const service = createTaskService({ url: serviceUrl, token: 'bench' });
  const task = await service.tasks.create({
    name: 'long',
    urls: ['https://example.com/'],
    objective: 'x',
    execution_type: 'single',
  });
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const titanflow = createTitanflowClient({ client, taskQueue });
  const executionIds: string[] = [];

  async function startOne(): Promise<void> {
    const { id } = await service.tasks.run(task.id);
    executionIds.push(id);
    await titanflow.followExecution({ executionId: id });
  }

  async function isWaitingSince(executionId: string, moment: number): Promise<boolean> {
    const { raw } = await client.workflow.getHandle(executionWorkflowId(executionId)).describe();
    return (raw.pendingActivities ?? []).some(({ activityType, lastStartedTime }) => {
      const startedAt = Number(lastStartedTime?.seconds ?? 0) * 1000 + (lastStartedTime?.nanos ?? 0) / 1e6;
      return activityType?.name === 'awaitExecution' && startedAt > moment;
    });
  }

  async function waitingSince(moment: number): Promise<number> {
    let waiting = 0;
    for (let first = 0; first < executionIds.length; first += AT_ONCE) {
      const some = executionIds.slice(first, first + AT_ONCE);
      const answers = await Promise.all(some.map(async (id) => isWaitingSince(id, moment)));
      waiting += answers.filter(Boolean).length;
    }
    return waiting;
  }

  return {
    async grow(count) {
      while (executionIds.length < count) {
        await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - executionIds.length) }, startOne));
      }
      while ((await waitingSince(0)) < count) await sleep(1_000);
    },
    waitingSince,
    close: async () => connection.close(),
  };
}
