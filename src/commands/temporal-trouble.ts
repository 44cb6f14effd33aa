import { isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/common';
import type { ClientConfig } from '../config.js';
import { noTemporal } from '../no-temporal.js';
import { UserError } from '../user-error.js';
import { isPassing } from './lost-connection.js';

const NOT_ALLOWED = new Set([7, 16]);

/** What Temporal has against a call, in words for the user; any other error comes back as it is. */
export function temporalTrouble(error: unknown, config: ClientConfig): unknown {
  const { namespace = 'default' } = config.temporal;
  if (error instanceof WorkflowNotFoundError) {
    return new UserError(2, `there is no workflow "${error.workflowId}" in namespace "${namespace}"`);
  }
  if (error instanceof NamespaceNotFoundError) {
    return new UserError(
      2,
      `Temporal has no namespace "${namespace}"; see TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
    );
  }
  const refusal = refusalIn(error);
  if (refusal === undefined) return error;
  if (isPassing(refusal)) return noTemporal(config, error);
  if (NOT_ALLOWED.has(refusal.code)) {
    return new UserError(2, `Temporal does not let us in: ${refusal.details}; see TEMPORAL_API_KEY and TEMPORAL_TLS`);
  }
  return new UserError(1, `Temporal refuses: ${refusal.details}; see: titanflow doctor`, { cause: error });
}

/** The answer of the server, which the client wraps. */
function refusalIn(error: unknown) {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : undefined;
}
