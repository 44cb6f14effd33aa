import { CancelledFailure } from '@temporalio/common';
import { ApplicationFailure, CancellationScope, upsertSearchAttributes } from '@temporalio/workflow';
import type { EarlierRun } from '../domain/earlier-run.js';
import type { FailureDetails } from '../domain/failures.js';
import type { RunPipelineInput, RunPipelineResult } from '../domain/pipeline.js';
import { sentenceAndList } from '../domain/sentence-and-list.js';
import { tallyOf } from '../domain/tally.js';
import { millisecondsOr } from './durations.js';
import { endByContract, refuseTooLarge } from './end-by-contract.js';
import { createHold } from './hold.js';
import { pauseChildren } from './pause-children.js';
import { createProxies, type Proxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import { tellFailure } from './tell-failure.js';
import { trackProgress, type ProgressTracker } from './track-progress.js';
import type { StepFailure } from './step-book.js';
import { walkSteps } from './walk-steps.js';

/**
 * Walks the graph of a pipeline: every step starts as soon as those before it are over and as `when` has it. When one
 * fails, the steps that need it do not start, the others go on and publish, and the pipeline ends as `StepFailed`.
 */
export async function runPipeline(input: RunPipelineInput): Promise<RunPipelineResult> {
  const progress = trackProgress({ phase: 'preparing', waitingFor: 'the pipeline to be checked' });
  const failures: StepFailure[] = [];
  const known = (): FailureDetails => failures[0]?.details ?? {};

  return endByContract(progress, known, async () => {
    refuseTooLarge(input);
    const proxies = createProxies(millisecondsOr(undefined));
    try {
      return await walk(input, progress, proxies, failures);
    } catch (error) {
      const isOver = CancellationScope.current().consideredCancelled;
      if (!isOver) await tellFailure(input, progress, proxies, error, failures);
      throw error;
    }
  });
}

async function walk(
  given: RunPipelineInput,
  progress: ProgressTracker,
  proxies: Proxies,
  failures: StepFailure[],
): Promise<RunPipelineResult> {
  const hold = createHold(progress);
  pauseChildren(progress, proxies, hold, () => runningSteps(progress));

  const earlier = await readEarlierRun(given, proxies);
  const input = earlier === undefined ? given : goingOn(given, earlier);
  await proxies.prepare('check the pipeline and its stores').preparePipeline(input);
  upsertSearchAttributes([{ key: searchAttributes.pipeline, value: input.pipeline.name }]);

  progress.update({ phase: 'running', waitingFor: 'the steps to end' });
  const steps = await walkSteps({ input, progress, proxies, hold, earlier, failures });
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the pipeline was cancelled');
  if (failures.length > 0) throw stepFailed(failures);

  progress.update({ tally: tallyOf({ steps }) });
  upsertSearchAttributes([
    { key: searchAttributes.status, value: 'completed' },
    { key: searchAttributes.rows, value: progress.current().rows ?? 0 },
  ]);
  return { steps };
}

function runningSteps(progress: ProgressTracker): readonly string[] {
  const steps = Object.values(progress.current().steps ?? {});
  return steps.flatMap(({ state, workflowId = '' }) => (state === 'running' ? [workflowId] : []));
}

/** The input may be anything: it is checked when it is known what it goes on from. */
async function readEarlierRun(input: RunPipelineInput, proxies: Proxies): Promise<EarlierRun | undefined> {
  const resumeOf: unknown = input?.resumeOf;
  if (typeof resumeOf !== 'string') return undefined;
  return proxies.prepare(`see what ${resumeOf} has finished`).readEarlierRun({ ...input, resumeOf });
}

/** A run that goes on from another is the same logical run: its texts come out the same, so that its tasks do. */
function goingOn(given: RunPipelineInput, { key, scheduledTime, params }: EarlierRun): RunPipelineInput {
  return { ...(params === undefined ? {} : { params }), ...given, key, scheduledTime };
}

function stepFailed(failures: readonly StepFailure[]): ApplicationFailure {
  const reasons = failures.map(({ name, type, message }) => `step "${name}" failed: ${type}: ${message}`);
  const [only = ''] = reasons;
  const message = reasons.length === 1 ? only : sentenceAndList(`${reasons.length} steps failed`, reasons);
  return ApplicationFailure.nonRetryable(message, 'StepFailed');
}
