import { fileURLToPath } from 'node:url';
import PQueue from 'p-queue';
import { Worker, type NativeConnection, type WorkerOptions as TemporalWorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/activities.js';
import { createKnownTasks } from '../activities/known-task.js';
import { createOwners } from '../activities/owners.js';
import { createSecrets } from '../activities/secrets.js';
import type { WorkerConfig } from '../config.js';
import { stagingTaskQueue, taskQueues } from '../domain/ids.js';
import { openLocalStaging } from '../staging/local-staging.js';
import { openStores, type Stores } from '../stores/open-stores.js';
import { createBudget } from '../task-service/budget/budget.js';
import { createTaskEnsurer } from '../task-service/ensure-task.js';
import { createOwnTasks } from '../task-service/own-tasks.js';
import { createTaskService } from '../task-service/task-service.js';
import { createWatcher } from '../task-service/watcher/watcher.js';
import { connectWorker, namespaceId } from './connect.js';
import { registerSearchAttributes } from './register-search-attributes.js';

export interface RunningWorker {
  readonly taskQueue: string;
  /** Resolves after {@link shutdown}; rejects when a worker fails. */
  readonly ended: Promise<void>;
  /** Hands over what it does, and waits for that. */
  shutdown(): Promise<void>;
}

/** Slots of activities that do nothing but wait: for the service's budget, an execution, or their turn. */
const WAITERS = 5_000;
const LOADS = 4;
/**
 * Exports that wait are enough to do: nothing is gained by knowing of more executions that have ended. While all is asked
 * for at once a look's request waits for some forty others, about half of them exports: these must not run out meanwhile.
 */
const ENOUGH_TO_EXPORT = 8;
const EXPORTED_PER_POLL = 20;

export interface WorkerOptions {
  /** How much faster than life the service is, for benches. Default 1. */
  readonly speed?: number;
}

/** One process on one connection: a Temporal worker for each of our queues (domain/ids.ts says what each is for). */
export async function startWorker(config: WorkerConfig, options: WorkerOptions = {}): Promise<RunningWorker> {
  const connection = await connectWorker(config);
  const stores = openStores(config.stores);
  try {
    const workers = await createWorkers(config, options, connection, stores);
    return supervise(config.taskQueue, workers, () => close(connection, stores));
  } catch (error) {
    await close(connection, stores);
    throw error;
  }
}

async function createWorkers(
  config: WorkerConfig,
  { speed = 1 }: WorkerOptions,
  connection: NativeConnection,
  stores: Stores,
): Promise<Worker[]> {
  const namespace = config.temporal.namespace ?? 'default';
  const instance = config.instance ?? (await namespaceId(connection, namespace));
  await registerSearchAttributes(connection, namespace);

  const staging = await openLocalStaging(config.stagingDirectory);
  const budget = createBudget({ limit: config.titan.requestsPerMinute, windowMs: 60_000 / speed });
  const service = createTaskService({ ...config.titan, budget });
  const exportTurns = new PQueue({ concurrency: LOADS });
  const activities = createActivities({
    service,
    tasks: createTaskEnsurer(service, instance),
    ownTasks: createOwnTasks(service, instance),
    knownTasks: createKnownTasks(service),
    watcher: createWatcher({
      service,
      speed,
      hasBetterToDo: (requests) => exportTurns.size > ENOUGH_TO_EXPORT + requests * EXPORTED_PER_POLL,
    }),
    exportTurns,
    stores,
    staging,
    secrets: createSecrets(config.secrets),
    owners: createOwners(config.taskQueue),
  });

  const queues = taskQueues(config.taskQueue);
  const common: Omit<TemporalWorkerOptions, 'taskQueue'> = { connection, namespace };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: queues.main,
      workflowsPath: fileURLToPath(new URL('../workflows', import.meta.url)),
      activities: activities.main,
      maxConcurrentActivityTaskExecutions: WAITERS,
      maxCachedWorkflows: 300,
    }),
    activityWorker(common, queues.wait, activities.wait, WAITERS),
    activityWorker(common, queues.data, activities.data, WAITERS),
    activityWorker(common, stagingTaskQueue(queues.main, staging.id), activities.staging, LOADS),
  ]);
}

function activityWorker(
  common: Omit<TemporalWorkerOptions, 'taskQueue'>,
  taskQueue: string,
  activities: object,
  slots: number,
): Promise<Worker> {
  return Worker.create({ ...common, taskQueue, activities, maxConcurrentActivityTaskExecutions: slots });
}

/** When one worker stops or fails, all do: half a process would leave work lying. */
function supervise(taskQueue: string, workers: readonly Worker[], release: () => Promise<void>): RunningWorker {
  const stopAll = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(stopAll));
  const allEnded = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(runs);
    await release();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const ended = allEnded();
  return {
    taskQueue,
    ended,
    async shutdown() {
      stopAll();
      await ended;
    },
  };
}

async function close(connection: NativeConnection, stores: Stores): Promise<void> {
  await stores.close();
  await connection.close();
}
