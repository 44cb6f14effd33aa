import { loadLogLevel, loadWorkerConfig } from '../config.js';
import { openCoreMetrics } from '../worker/core-metrics.js';
import { installLogging } from '../worker/logging.js';
import { startWorker } from '../worker/start-worker.js';
import { keepHeapSteady } from '../worker/steady-heap.js';
import { untilStopped } from './until-stopped.js';
import { say } from './terminal.js';
import { secretsOf } from '../known-secrets.js';

/** `titanflow worker`: works until it is told to stop (SIGINT, SIGTERM), then hands over what it does. */
export async function worker(): Promise<void> {
  keepHeapSteady();
  const config = loadWorkerConfig();
  const core = config.listen && (await openCoreMetrics());
  installLogging(loadLogLevel(), { core, secrets: secretsOf(config) });
  const running = await startWorker(config, { core });
  say(`titanflow: working on task queue ${running.taskQueue} (Ctrl-C stops)`);
  if (running.probesUrl !== undefined) say(`titanflow: health and metrics at ${running.probesUrl}`);
  await Promise.race([untilStopped(), running.ended]);
  await running.shutdown();
}
