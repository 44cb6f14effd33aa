import { installLogging } from '../../src/worker/logging.js';
import { startWorker } from '../../src/worker/start-worker.js';

export interface WorkerOrders {
  readonly url: string;
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly directory: string;
  readonly limit: number;
  readonly speed: number;
}

/** A worker as the command line starts it, told what to do by its first argument. */
const orders: WorkerOrders = JSON.parse(process.argv[2] ?? '');
installLogging('error');
await startWorker(
  {
    temporal: { connectionOptions: { address: orders.temporalAddress }, namespace: 'default' },
    taskQueue: orders.taskQueue,
    titan: { url: orders.url, token: 'bench', auth: 'bearer', requestsPerMinute: orders.limit },
    stores: {},
    stagingDirectory: orders.directory,
    instance: 'bench',
    secrets: new Map(),
  },
  { speed: orders.speed, observer: { onEnded: ({ at }) => process.send?.(at) } },
);
process.on('disconnect', () => process.exit());
process.send?.('ready');
