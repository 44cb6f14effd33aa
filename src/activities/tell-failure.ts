import type { FailureEvent } from '../domain/failure-event.js';
import type { FailureNotice } from '../domain/pipeline.js';
import { sendWebhook } from '../notices/send-webhook.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';

/** Tells people of what went wrong. */
export function createNotices({ secrets, openAgents }: Pick<ActivityDependencies, 'secrets' | 'openAgents'>) {
  return {
    tellFailure({ webhook, secret }: FailureNotice, event: FailureEvent): Promise<void> {
      return attempt({ paid: false }, ({ signal }) =>
        sendWebhook({
          url: webhook,
          id: `msg_${event.data.runId}`,
          body: event,
          ...(secret === undefined ? {} : { secret: secrets.resolve(secret) }),
          signal,
          openAgents,
        }),
      );
    },
  };
}
