import type { Client } from '@temporalio/client';
import { loadClientConfig, type ClientConfig } from '../../config.js';
import { missingSearchAttributes, registeringCommand } from '../../missing-search-attributes.js';
import { withClient } from '../connect.js';
import { bad, ok, reasonOf, type Check } from './check.js';
import { checkServedStaging } from './check-served-staging.js';
import { checkWorkers } from './check-workers.js';

export async function checkTemporal(): Promise<readonly Check[]> {
  const config = loadClientConfig();
  return withClient(config, async (client) => {
    const namespace = await checkNamespace(client, config);
    if (namespace.state !== 'ok') return [namespace];
    return [
      namespace,
      await checkAttributes(client),
      ...(await checkWorkers(client, config.taskQueue)),
      ...(await checkServedStaging(client, config.taskQueue)),
    ];
  });
}

const DAY_S = 86_400;

async function checkNamespace(client: Client, { temporal }: ClientConfig): Promise<Check> {
  const { namespace } = client.options;
  const address = temporal.connectionOptions.address ?? 'localhost:7233';
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / DAY_S;
    return ok(
      'temporal',
      `server ${serverVersion} at ${address}, namespace ${namespace}; a key protects a run for ${days} ${days === 1 ? 'day' : 'days'} after its end`,
    );
  } catch (error) {
    return bad(
      'fail',
      'temporal',
      `namespace "${namespace}" at ${address} cannot be used: ${reasonOf(error)}`,
      `see TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
    );
  }
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
