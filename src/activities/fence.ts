import { Context } from '@temporalio/activity';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { CALLED_OFF } from '../domain/failures.js';

const FENCE_MS = 2_000;

/**
 * Makes sure that this attempt is still the one that counts, at the last moment before a request that must not be sent
 * twice. A process that was frozen, or cut off from Temporal, goes on with an attempt that Temporal has long given to
 * another worker: local timeouts and cancellation come too late for it, so the server is asked.
 *
 * @param details recorded with the heartbeat: from now on they say that the request may have been sent.
 * @throws ApplicationFailure if the server does not confirm in time; nothing was sent then
 */
export async function fence(details: unknown): Promise<void> {
  const { client, info } = Context.current();
  const startedAt = performance.now();
  const answer = await client
    .withDeadline(Date.now() + FENCE_MS, () =>
      client.workflowService.recordActivityTaskHeartbeat({
        namespace: info.namespace,
        identity: client.options.identity,
        taskToken: info.taskToken,
        details: { payloads: [defaultPayloadConverter.toPayload(details)] },
      }),
    )
    .catch((error: unknown) => {
      throw notSent(`Temporal does not confirm it: ${error instanceof Error ? error.message : String(error)}`);
    });
  if (answer.cancelRequested) throw calledOff();
  if (answer.activityPaused || answer.activityReset) throw notSent('the attempt was paused or reset');
  // Frozen between the question and the answer: what was true then need not be true now.
  if (performance.now() - startedAt > FENCE_MS) throw notSent('the confirmation came too late');
}

/** A run that was cancelled before it was sent: there is nothing to look for. */
export function calledOff(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('cancelled before the run was sent', CALLED_OFF);
}

function notSent(reason: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'ServiceUnavailable',
    message: `the run was not sent, because this attempt may have been given to another worker: ${reason}`,
  });
}
