import { Client } from '@temporalio/client';
import {
  Runtime,
  Worker,
  type NativeConnection,
  type WorkerOptions as TemporalWorkerOptions,
} from '@temporalio/worker';
import { createActivities } from '../activities/activities.js';
import { createKnownTasks } from '../activities/known-task.js';
import { createOwners } from '../activities/owners.js';
import { createSecrets } from '../activities/secrets.js';
import { createTurns } from '../activities/turns.js';
import type { WorkerConfig } from '../config.js';
import { createForeignText } from '../domain/foreign-text.js';
import { stagingTaskQueue, taskQueues } from '../domain/ids.js';
import { secretsOf } from '../known-secrets.js';
import { reachStaging } from '../reach-staging.js';
import type { Staging } from '../staging/staging.js';
import { openStores, type Stores } from '../stores/open-stores.js';
import { createBudget } from '../task-service/budget/budget.js';
import type { Observer } from '../task-service/observer.js';
import { createTaskEnsurer } from '../task-service/ensure-task.js';
import { createOwnTasks } from '../task-service/own-tasks.js';
import { createTaskService } from '../task-service/task-service.js';
import { createWatcher } from '../task-service/watcher/watcher.js';
import { temporalTrouble } from '../temporal/temporal-trouble.js';
import { connectWorker, namespaceId } from './connect.js';
import type { CoreMetrics } from './core-metrics.js';
import { maskingHistories } from './foreign-errors.js';
import { createHealth, type Health } from './health.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createNeeds } from './needed-runs.js';
import { serveProbes } from './probe-server.js';
import { registerSearchAttributes } from './register-search-attributes.js';
import { supervise, type Supervised } from './supervise.js';
import { tidyNowAndThen, type Tidying } from './tidy-now-and-then.js';
import { workflowCode } from './workflow-code.js';

export interface RunningWorker {
  readonly taskQueue: string;
  /** Where probes and metrics are served; undefined = nowhere. */
  readonly probesUrl: string | undefined;
  /** Resolves after {@link shutdown}; rejects when a worker fails. */
  readonly ended: Promise<void>;
  /** Hands over what it does, and waits for that. */
  shutdown(): Promise<void>;
}

/** Slots of activities that do nothing but wait: for the service's budget, an execution, or their turn. */
const WAITERS = 5_000;
/** Loads, and exports, that work at once. */
const AT_ONCE = 4;
/** Loads of one store, each of which may have a connection; those of one table wait for each other. */
const LOADS_OF_A_STORE = { atOnce: AT_ONCE, ofOneGroup: 8, lockWaitsOfOneGroup: 4 };
/** Open downloads: those that wait for bytes leave the work to others. */
const DOWNLOADS = { atOnce: AT_ONCE, ofOneGroup: 16, lockWaitsOfOneGroup: 0 };
/** Exports that wait are enough to do: nothing is gained by knowing of more executions that have ended. */
const ENOUGH_TO_EXPORT = 20;

export interface WorkerOptions {
  /** How much faster than life the service is, for benches. Default 1. */
  readonly speed?: number;
  /** Told of the dealings with the service. Default: they are counted for `/metrics`. */
  readonly observer?: Observer;
  /** Temporal's own metrics, which `/metrics` shows below ours. */
  readonly core?: CoreMetrics | undefined;
}

/** One process on one connection: a Temporal worker for each of our queues (domain/ids.ts says what each is for). */
export async function startWorker(config: WorkerConfig, options: WorkerOptions = {}): Promise<RunningWorker> {
  const metrics = createMetrics();
  const health = createHealth();
  // First of all: where nobody can listen, nothing is begun.
  const probes =
    config.listen && (await serveProbes(config.listen, { health, metrics: textOf(metrics, options.core) }));
  const close = async (): Promise<void> => probes?.close();
  try {
    const { stop, ended: workersEnded } = await startWorkers(config, options, metrics, health);
    const ended = workersEnded.finally(close);
    return {
      taskQueue: config.taskQueue,
      probesUrl: probes?.url,
      ended,
      async shutdown() {
        stop();
        await ended;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function textOf(metrics: Metrics, core: CoreMetrics | undefined): () => Promise<string> {
  return async () => [await metrics.text(), await core?.text()].join('\n');
}

async function startWorkers(
  config: WorkerConfig,
  options: WorkerOptions,
  metrics: Metrics,
  health: Health,
): Promise<Supervised> {
  const connection = await connectWorker(config);
  const stores = openStores(config.stores, config.openAgents);
  const shutdown = new AbortController();
  let tidying: Tidying | undefined;
  const release = async (): Promise<void> => {
    health.end();
    await tidying?.stop();
    await stores.close();
    await connection.close();
  };
  try {
    const namespace = config.temporal.namespace ?? 'default';
    const staging = await reachStaging(config.staging);
    const workers = await createWorkers(config, options, {
      connection,
      namespace,
      stores,
      staging,
      metrics,
      shutdown: shutdown.signal,
    });
    tidying = tidyNowAndThen({
      staging,
      keepMs: config.stagingKeepMs,
      isNeeded: createNeeds(new Client({ connection, namespace })),
      logger: Runtime.instance().logger,
    });
    const supervised = supervise(workers, {
      onStop: () => shutdown.abort(new Error('the worker shuts down')),
      release,
    });
    health.begin({ workers, askTemporal: async () => connection.workflowService.describeNamespace({ namespace }) });
    return supervised;
  } catch (error) {
    await release();
    throw await temporalTrouble(error, config);
  }
}

interface Parts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly stores: Stores;
  readonly staging: Staging;
  readonly metrics: Metrics;
  readonly shutdown: AbortSignal;
}

async function createWorkers(
  config: WorkerConfig,
  { speed = 1, observer }: WorkerOptions,
  { connection, namespace, stores, staging, metrics, shutdown }: Parts,
): Promise<Worker[]> {
  const instance = config.instance ?? (await namespaceId(connection, namespace));
  await registerSearchAttributes(connection, namespace);

  const budget = createBudget({ limit: config.titan.requestsPerMinute, windowMs: 60_000 / speed });
  const observed = { observer: observer ?? metrics.observer };
  const secrets = secretsOf(config);
  const foreignText = createForeignText(secrets);
  const service = createTaskService({ ...config.titan, budget, foreignText, ...observed });
  const exportTurns = createTurns(DOWNLOADS);
  const watcher = createWatcher({
    service,
    speed,
    ...observed,
    hasBetterToDo: () => exportTurns.waiting() > ENOUGH_TO_EXPORT,
  });
  metrics.measure({ budget, watcher });
  const activities = createActivities({
    service,
    tasks: createTaskEnsurer(service, instance),
    ownTasks: createOwnTasks(service, instance),
    knownTasks: createKnownTasks(service),
    watcher,
    budget,
    exportTurns,
    publishTurns: createTurns(LOADS_OF_A_STORE),
    stores,
    staging,
    secrets: createSecrets(config.secrets),
    openAgents: config.openAgents,
    onMoved: metrics.onMoved,
    owners: createOwners(config.taskQueue),
    shutdown,
  });

  const queues = taskQueues(config.taskQueue);
  const masking = maskingHistories(secrets);
  const interceptors = { activity: [() => ({ inbound: masking })] };
  const common: Omit<TemporalWorkerOptions, 'taskQueue'> = { connection, namespace, interceptors };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: queues.main,
      ...workflowCode(),
      activities: activities.main,
      maxConcurrentActivityTaskExecutions: WAITERS,
      maxCachedWorkflows: 300,
    }),
    activityWorker(common, queues.wait, activities.wait, WAITERS),
    activityWorker(common, queues.data, activities.data, WAITERS),
    ...(staging.id === undefined
      ? []
      : [activityWorker(common, stagingTaskQueue(queues.main, staging.id), activities.staging, WAITERS)]),
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
