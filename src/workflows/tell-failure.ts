import { log, workflowInfo } from '@temporalio/workflow';
import { cutForeign } from '../domain/foreign-text.js';
import type { FailureEvent } from '../domain/failure-event.js';
import { pipelineKey } from '../domain/ids.js';
import type { RunPipelineInput } from '../domain/pipeline.js';
import type { Proxies } from './proxies.js';
import { readFailure } from './top-level-failure.js';
import type { ProgressTracker } from './track-progress.js';
import type { StepFailure } from './step-book.js';

/** Tells the pipeline's webhook, if it has one. That it could not be told is no failure of the pipeline. */
export async function tellFailure(
  input: RunPipelineInput,
  progress: ProgressTracker,
  proxies: Proxies,
  error: unknown,
  failures: readonly StepFailure[],
): Promise<void> {
  // What it was started with may be anything, and may be why it fails.
  const notice = input?.pipeline?.onFailure;
  if (typeof notice?.webhook !== 'string') return;
  progress.update({ waitingFor: 'its webhook to be told that it failed' });
  try {
    await proxies.tell('tell that the pipeline failed').tellFailure(notice, eventOf(input, error, failures));
  } catch (untold) {
    log.warn(`nobody was told of the failure: ${readFailure(untold).message}`);
  }
}

function eventOf(
  { pipeline: { name }, key }: RunPipelineInput,
  error: unknown,
  failures: readonly StepFailure[],
): FailureEvent {
  const { workflowId, runId } = workflowInfo();
  const { type, message } = readFailure(error);
  const executionIds = failures.flatMap(({ details }) => details.executionId ?? []);
  return {
    type: 'pipeline.failed',
    timestamp: new Date().toISOString(),
    data: {
      workflowId,
      runId,
      pipeline: name,
      key: key ?? pipelineKey(workflowId, name),
      failure: { type, message },
      steps: failures.map(({ type, message, details: { step, executionId } }) => ({
        step,
        type,
        message: cutForeign(message),
        ...(executionId === undefined ? {} : { executionId }),
      })),
      executionIds,
    },
  };
}
