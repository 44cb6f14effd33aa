import { NativeConnection } from '@temporalio/worker';
import type { ClientConfig } from '../config.js';
import { noTemporal } from '../no-temporal.js';
import { UserError } from '../user-error.js';

/** @throws UserError when no Temporal server answers, or it has no such namespace. */
export async function connectWorker(config: ClientConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(config.temporal.connectionOptions);
  } catch (error) {
    throw noTemporal(config, error);
  }
}

/** The namespace's id: it tells installations apart that share an account. @throws UserError */
export async function namespaceId(connection: NativeConnection, namespace: string): Promise<string> {
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
    return namespaceInfo?.id ?? namespace;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      3,
      `Temporal's namespace "${namespace}" cannot be used: ${reason}; see TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
      { cause: error },
    );
  }
}
