import { Client, Connection } from '@temporalio/client';
import type { ClientConfig } from '../config.js';
import { taskQueues } from '../domain/ids.js';
import { noTemporal } from '../temporal/no-temporal.js';
import { channelArgs } from '../temporal/temporal-proxy.js';
import { temporalTrouble } from '../temporal/temporal-trouble.js';
import { say } from './terminal.js';

/** Gives `use` a client and closes it afterwards. @throws UserError when no server answers, or it refuses */
export async function withClient<Result>(
  config: ClientConfig,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { namespace } = config.temporal;
  const connection = await connect(config);
  try {
    return await use(new Client({ connection, ...(namespace === undefined ? {} : { namespace }) }));
  } catch (error) {
    throw await temporalTrouble(error, config);
  } finally {
    await connection.close();
  }
}

async function connect(config: ClientConfig): Promise<Connection> {
  try {
    const { connectionOptions } = config.temporal;
    return await Connection.connect({
      connectTimeout: '5 seconds',
      ...connectionOptions,
      channelArgs: channelArgs(connectionOptions),
    });
  } catch (error) {
    throw await noTemporal(config, error);
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

export async function warnWithoutWorker(client: Client, taskQueue: string): Promise<void> {
  if (await hasWorker(client, taskQueue)) return;
  say(`no worker is on task queue ${taskQueue} yet: start one with \`titanflow worker\``);
}
