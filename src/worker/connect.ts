import { NativeConnection } from '@temporalio/worker';
import type { ClientConfig } from '../config.js';
import { noTemporal } from '../temporal/no-temporal.js';

/** @throws UserError when no Temporal server answers, or it does not let us in */
export async function connectWorker(config: ClientConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(config.temporal.connectionOptions);
  } catch (error) {
    throw await noTemporal(config, error);
  }
}

/** The namespace's id: it tells installations apart that share an account. @throws where there is no such namespace */
export async function namespaceId(connection: NativeConnection, namespace: string): Promise<string> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  return namespaceInfo?.id ?? namespace;
}
