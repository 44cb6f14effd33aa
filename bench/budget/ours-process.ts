import { installLogging } from '../../src/worker/logging.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { workerConfig, type WorkerPlace } from '../worker-config.js';

export interface WorkerOrders extends WorkerPlace {
  readonly speed: number;
}

/** A worker as the command line starts it, told what to do by its first argument. */
const orders: WorkerOrders = JSON.parse(process.argv[2] ?? '');
installLogging('error');
await startWorker(workerConfig(orders), {
  speed: orders.speed,
  observer: { onEnded: ({ at }) => process.send?.(at) },
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
