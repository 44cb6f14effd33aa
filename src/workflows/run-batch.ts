import type { RunBatchInput } from '../domain/batches.js';
import { endByContract } from './end-by-contract.js';
import { knownOf, runExecution } from './run-execution.js';
import { trackProgress } from './track-progress.js';

/**
 * One batch of a `forEach` step: as `runTask`, but its task stands in staging, and its export is staged for the step, which
 * publishes. What it found stands in its note.
 */
export async function runBatch({ ref, options, executionId }: RunBatchInput): Promise<void> {
  const progress = trackProgress({ phase: 'preparing', waitingFor: 'the task to be ensured' });
  const known = () => knownOf(progress);
  await endByContract(progress, known, async () => {
    await runExecution(progress, {
      options: executionId === undefined ? options : { ...options, executionId },
      isOurs: true,
      // It publishes nothing: what is missing may be exported once more.
      mayReplace: 'ALLOW_DUPLICATE',
      prepare: (proxies, gone) =>
        proxies
          .staging(`ensure the task of batch ${ref.batch}`, ref.stagingId)
          .prepareBatch(ref, options.secretPayload, gone, executionId),
      follow(executionId, deadline) {
        const { onUnknown: _submitting, onPaused: _waiting, secretPayload: _secret, ...following } = options;
        return { ...following, executionId, deadline, batch: ref };
      },
    });
  });
}
