import { CancelledFailure } from '@temporalio/common';
import { ApplicationFailure, CancellationScope, upsertSearchAttributes } from '@temporalio/workflow';
import type { EarlierRun } from '../domain/earlier-run.js';
import type { FailureDetails } from '../domain/failures.js';
import type { RunPipelineInput, RunPipelineResult } from '../domain/pipeline.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createHold, type Hold } from './hold.js';
import { answerPauseAndResume } from './pause-and-resume.js';
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
  pauseSteps(progress, proxies, hold);

  const earlier = await readEarlierRun(given, proxies);
  const input = earlier === undefined ? given : goingOn(given, earlier);
  await proxies.prepare('check the pipeline and its stores').preparePipeline(input);
  upsertSearchAttributes([{ key: searchAttributes.pipeline, value: input.pipeline.name }]);

  progress.update({ phase: 'running', waitingFor: 'the steps to end' });
  const steps = await walkSteps({ input, progress, hold, earlier, failures });
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the pipeline was cancelled');
  if (failures.length > 0) throw stepFailed(failures);

  upsertSearchAttributes([
    { key: searchAttributes.status, value: 'completed' },
    { key: searchAttributes.rows, value: progress.current().rows ?? 0 },
  ]);
  return { steps };
}

/** A step that publishes, or has just ended, has nothing to pause: it goes on, and no other one starts. */
function pauseSteps(progress: ProgressTracker, proxies: Proxies, hold: Hold): void {
  const relay = async (update: 'pause' | 'resume'): Promise<void> => {
    const running = Object.values(progress.current().steps ?? {}).filter(({ state }) => state === 'running');
    await Promise.allSettled(
      running.map(async ({ workflowId = '' }) =>
        proxies.control(`${update} ${workflowId}`).relayUpdate(workflowId, update),
      ),
    );
  };
  answerPauseAndResume(progress, {
    refusal: () => undefined,
    async pause() {
      hold.hold();
      await relay('pause');
    },
    async resume() {
      await relay('resume');
      hold.release();
    },
  });
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
  return ApplicationFailure.nonRetryable(reasons.join('; '), 'StepFailed');
}
