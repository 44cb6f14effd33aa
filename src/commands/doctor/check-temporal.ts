import type { Client } from '@temporalio/client';
import { loadClientConfig, type ClientConfig } from '../../config.js';
import { missingSearchAttributes, registeringCommand } from '../../missing-search-attributes.js';
import { addressOf } from '../../temporal/no-temporal.js';
import { withClient } from '../connect.js';
import { bad, ok, reasonOf, type Check } from './check.js';
import { checkServedStaging } from './check-served-staging.js';
import { checkWorkers } from './check-workers.js';

export async function checkTemporal(): Promise<readonly Check[]> {
  const config = loadClientConfig();
  return withClient(config, async (client) => {
    return [
      await describeServer(client, config),
      await checkAttributes(client),
      ...(await checkWorkers(client, config.taskQueue)),
      ...(await checkServedStaging(client, config.taskQueue)),
    ];
  });
}

const DAY_S = 86_400;

/** @throws what Temporal has against it */
async function describeServer(client: Client, connection: ClientConfig): Promise<Check> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / DAY_S;
  return ok(
    'temporal',
    `server ${serverVersion} at ${addressOf(connection)}, namespace ${namespace}; a key protects a run for ${days} ${days === 1 ? 'day' : 'days'} after its end`,
  );
}

async function checkAttributes(client: Client): Promise<Check> {
  const { namespace } = client.options;
  const name = 'search attributes';
  try {
    const missing = await missingSearchAttributes(client.connection, namespace);
    if (missing.length === 0) return ok(name, 'all are registered');
    const names = missing.map((attribute) => attribute.name).join(', ');
    return bad(
      'fail',
      name,
      `${names} ${missing.length === 1 ? 'is' : 'are'} not registered`,
      `start a worker, which tries to, or run: ${registeringCommand(namespace, missing)}`,
    );
  } catch (error) {
    return bad('warn', name, `not known: ${reasonOf(error)}`, 'the worker looks again when it starts');
  }
}
