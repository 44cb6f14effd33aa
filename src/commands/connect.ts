import { Client, Connection } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { ClientConfig } from '../config.js';
import { taskQueues } from '../domain/ids.js';
import { UserError } from '../user-error.js';

const DEFAULT_ADDRESS = 'localhost:7233';

/** Gives `use` a client and closes it afterwards. @throws UserError when no server answers */
export async function withClient<Result>(
  config: ClientConfig,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { connectionOptions, namespace } = config.temporal;
  const connection = await connect(connectionOptions);
  try {
    return await use(new Client({ connection, ...(namespace === undefined ? {} : { namespace }) }));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UserError(2, `there is no workflow "${error.workflowId}" in namespace "${namespace ?? 'default'}"`);
  } finally {
    await connection.close();
  }
}

async function connect(options: ClientConfig['temporal']['connectionOptions']): Promise<Connection> {
  try {
    return await Connection.connect({ connectTimeout: '5 seconds', ...options });
  } catch (error) {
    const address = options.address ?? DEFAULT_ADDRESS;
    throw new UserError(
      3,
      `no Temporal server answers at ${address}; start one with \`titanflow dev\`, or set TEMPORAL_ADDRESS`,
      { cause: error },
    );
  }
}

/** Whether any worker has polled our queue lately. A workflow that nobody serves just waits, without a word. */
export async function hasWorker(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues(taskQueue).main },
  });
  const lately = Date.now() - 2 * 60_000;
  return (pollers ?? []).some((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000 > lately);
}
