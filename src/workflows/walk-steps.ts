import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { EarlierRun } from '../domain/earlier-run.js';
import { hasPipelineKey, stepWorkflowId } from '../domain/ids.js';
import { graphOf, type RunPipelineInput, type StepResult } from '../domain/pipeline.js';
import type { StepPlan } from '../domain/plan-step.js';
import { rowsSources } from '../domain/rows-sources.js';
import { createSpending } from '../domain/spending.js';
import { decideStart, type Start } from '../domain/step-ending.js';
import { walkGraph } from '../domain/walk-graph.js';
import type { Hold } from './hold.js';
import type { Proxies } from './proxies.js';
import { isCancelled } from './is-cancelled.js';
import { leaveToNextAttempt } from './next-attempt.js';
import { resolveSteps, scopeOf } from './resolve-steps.js';
import { startStep, type StepStart } from './start-step.js';
import { openStepBook, type StepFailure } from './step-book.js';
import { readFailure } from './top-level-failure.js';
import type { ProgressTracker } from './track-progress.js';

export interface Walked {
  readonly input: RunPipelineInput;
  readonly progress: ProgressTracker;
  readonly proxies: Proxies;
  readonly hold: Hold;
  /** What this run goes on from. */
  readonly earlier: EarlierRun | undefined;
  /** What fails is added to it, unless the pipeline goes on as if it had had no rows. */
  readonly failures: StepFailure[];
}

/** Runs the steps in their order. @returns the results of those that ended well */
export async function walkSteps(walked: Walked): Promise<Record<string, StepResult>> {
  const { input, progress, proxies, hold, earlier, failures } = walked;
  const { name: pipelineName, steps, parallel, failFast = false, maxExecutions } = input.pipeline;
  const scope = scopeOf(input);
  const plans = resolveSteps(input, scope);
  const book = openStepBook(progress, [...plans.keys()]);
  const spending = createSpending(maxExecutions);
  const all = new CancellationScope({ cancellable: true });
  const { workflowId } = workflowInfo();
  const wishes = {
    ...(input.rerun === undefined ? {} : { rerun: input.rerun }),
    ...(input.release === undefined ? {} : { release: input.release }),
  };
  const pipeline = { name: pipelineName, workflowId, first: earlier?.first ?? workflowId, ...scope.run, ...wishes };
  const joining = joinsByKey(input) ? 'byKey' : 'own';

  function starts(name: string): boolean {
    const step = steps[name] ?? {};
    const decision = all.consideredCancelled ? stopped(failures) : decideStart(step, book.endingOf);
    if (!decision.starts) book.notStarted(name, decision.state, decision.why);
    return decision.starts;
  }

  async function run(name: string, plan: StepPlan): Promise<StepResult> {
    const rowsOf = plan.kind === 'forEach' ? plan.forEach.rowsOf : '';
    const source = steps[rowsOf];
    const rows = source === undefined ? [] : rowsSources(source, book.resultOf(rowsOf));
    const onStart = (): void => book.running(name, stepWorkflowId(workflowId, name));
    const before = earlier?.steps[name];
    const start: StepStart = {
      name,
      plan,
      pipeline,
      rows,
      before,
      proxies,
      joining,
      hold,
      spending,
      maxExecutions,
      onStart,
    };
    const result = await startStep(start);
    return before?.kind === 'lost' && before.executionId !== undefined ? asRepeated(result) : result;
  }

  async function visit(name: string): Promise<void> {
    const plan = plans.get(name);
    if (plan === undefined) return;
    const before = earlier?.steps[name];
    try {
      if (before?.kind === 'finished') book.completed(name, before.result, true);
      else book.completed(name, await run(name, plan).catch(leaveToNextAttempt), false);
    } catch (error) {
      if (isCancelled(error) && all.consideredCancelled) book.cancelled(name);
      else fail(failureOf(name, error), steps[name]?.onFailure === 'continue');
    }
  }

  function fail(failure: StepFailure, goesOn: boolean): void {
    book.failed(failure, goesOn);
    if (goesOn) return;
    failures.push(failure);
    if (failFast) all.cancel();
  }

  await all.run(() => walkGraph(graphOf(steps), { ...(parallel === undefined ? {} : { parallel }), starts, visit }));
  return Object.fromEntries(
    [...plans.keys()].flatMap((name): [string, StepResult][] => {
      const result = book.resultOf(name);
      return result === undefined ? [] : [[name, result]];
    }),
  );
}

/** What was lost was paid for, too. */
function asRepeated(result: StepResult): StepResult {
  return 'executionId' in result ? { ...result, repeated: (result.repeated ?? 0) + 1 } : result;
}

/** The same key never pays twice, even if Temporal lets it start once more; a cron's runs are runs of their own. */
function joinsByKey({ pipeline, key, resumeOf }: RunPipelineInput): boolean {
  const { parent, cronSchedule, workflowId } = workflowInfo();
  const hasKey = key !== undefined || hasPipelineKey(workflowId, pipeline.name);
  return hasKey && resumeOf === undefined && parent === undefined && cronSchedule === undefined;
}

function stopped([first]: readonly StepFailure[]): Start {
  const why = first === undefined ? 'the pipeline was cancelled' : `step "${first.name}" failed`;
  return { starts: false, state: 'unreached', why };
}

function failureOf(name: string, error: unknown): StepFailure {
  const { type, message, details } = readFailure(error);
  const step = details.step === undefined ? name : `${name}/${details.step}`;
  return { name, type, message, details: { ...details, step } };
}
