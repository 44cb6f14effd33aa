import type { Client } from '@temporalio/client';
import { taskQueues } from '../../domain/ids.js';
import { bad, ok, reasonOf, type Check } from './check.js';

const WORKFLOWS = 1;
const ACTIVITIES = 2;
const VERSIONED = 2;
/** Who has not asked for so long is gone. */
const LATELY_MS = 2 * 60_000;

interface Poller {
  readonly identity: string;
  /** Only of a worker with versioning. */
  readonly deployment?: string;
  readonly buildId?: string;
}

export async function checkWorkers(client: Client, taskQueue: string): Promise<readonly Check[]> {
  const { main, wait, data } = taskQueues(taskQueue);
  const queues = [
    [main, WORKFLOWS],
    [main, ACTIVITIES],
    [wait, ACTIVITIES],
    [data, ACTIVITIES],
  ] as const;
  const polled = await Promise.all(
    queues.map(async ([queue, type]) => ({ queue, pollers: await pollersOf(client, queue, type) })),
  );
  const idle = [...new Set(polled.flatMap(({ queue, pollers }) => (pollers.length === 0 ? [queue] : [])))];
  const all = polled.flatMap(({ pollers }) => pollers);
  const processes = new Set(all.map(({ identity }) => identity)).size;
  if (all.length === 0) {
    return [
      bad(
        'warn',
        'workers',
        `none is on task queue ${taskQueue}`,
        'start one: titanflow worker (the same TITANFLOW_TASK_QUEUE and TEMPORAL_NAMESPACE)',
      ),
    ];
  }
  const workers =
    idle.length === 0
      ? ok('workers', `${processes} on task queue ${taskQueue}, with all of its queues`)
      : bad('warn', 'workers', `nobody serves ${idle.join(', ')}`, 'restart the worker: one process serves all queues');
  return [workers, ...(await checkVersions(client, all))];
}

async function pollersOf(client: Client, name: string, taskQueueType: number): Promise<Poller[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const lately = Date.now() - LATELY_MS;
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > lately)
    .map(({ identity, deploymentOptions: options }) => ({
      identity: identity ?? '',
      ...(Number(options?.workerVersioningMode) === VERSIONED && options?.deploymentName
        ? { deployment: options.deploymentName, buildId: options.buildId ?? '' }
        : {}),
    }));
}

/** A versioned worker of a deployment without a current version gets no work, and no error. */
async function checkVersions(client: Client, pollers: readonly Poller[]): Promise<readonly Check[]> {
  const builds = new Map(
    pollers.flatMap(({ deployment, buildId = '' }) => (deployment === undefined ? [] : [[deployment, buildId]])),
  );
  return Promise.all(
    [...builds].map(async ([deploymentName, buildId]) => {
      const name = `deployment ${deploymentName}`;
      const setCurrent = `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
      try {
        const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
          namespace: client.options.namespace,
          deploymentName,
        });
        const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
        if (current) return ok(name, `current version ${current}`);
        return bad('fail', name, 'has no current version: its workers get no work', setCurrent);
      } catch (error) {
        return bad('warn', name, `not known: ${reasonOf(error)}`, 'see: temporal worker deployment list');
      }
    }),
  );
}
