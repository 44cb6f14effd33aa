import { loadLogLevel, loadWorkerConfig } from '../config.js';
import { installLogging } from '../worker/logging.js';
import { startWorker } from '../worker/start-worker.js';
import { untilStopped } from './until-stopped.js';

/** `titanflow worker`: works until it is told to stop (SIGINT, SIGTERM), then hands over what it does. */
export async function worker(): Promise<void> {
  const config = loadWorkerConfig();
  installLogging(loadLogLevel());
  const running = await startWorker(config);
  console.error(`titanflow: working on task queue ${running.taskQueue} (Ctrl-C stops)`);
  await Promise.race([untilStopped(), running.ended]);
  await running.shutdown();
}
