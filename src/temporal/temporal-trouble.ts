import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/common';
import type { ClientConfig } from '../config.js';
import { UserError } from '../user-error.js';
import { accessRefused, addressOf, noTemporal } from './no-temporal.js';
import { refusalIn } from './refusal.js';

/** Tells a user why Temporal refuses a call; any other error comes back as it is. */
export async function temporalTrouble(error: unknown, config: ClientConfig): Promise<unknown> {
  const { namespace = 'default' } = config.temporal;
  if (error instanceof WorkflowNotFoundError) {
    return new UserError(2, `there is no workflow "${error.workflowId}" in namespace "${namespace}"`);
  }
  const refusal = refusalIn(error);
  if (error instanceof NamespaceNotFoundError || (refusal?.kind === 'not found' && /namespace/i.test(refusal.words))) {
    const says = `Temporal at ${addressOf(config)} has no namespace "${namespace}"`;
    const cure = `mend TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`;
    return new UserError(2, `${says}; ${cure}`, { cause: error });
  }
  if (refusal === undefined) return error;
  if (refusal.kind === 'passing') return noTemporal(config, error);
  return (
    accessRefused(config, error) ??
    new UserError(1, `Temporal refuses: ${refusal.words}; see: titanflow doctor`, { cause: error })
  );
}
