import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';

/** A worker for the smallest workflow that does four things. */
export async function startPeer(address: string): Promise<{ taskQueue: string; stop: () => Promise<void> }> {
  const taskQueue = 'bench-peer';
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('peer-workflow.js', import.meta.url)),
    activities: { nothing: async () => undefined },
    maxConcurrentActivityTaskExecutions: 2_000,
  });
  const ended = worker.run();
  return {
    taskQueue,
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
