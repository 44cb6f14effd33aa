import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { EarlierRun } from '../domain/earlier-run.js';
import type { FailureDetails, FailureType } from '../domain/failures.js';
import { stepWorkflowId } from '../domain/ids.js';
import { graphOf, type RunPipelineInput, type StepResult } from '../domain/pipeline.js';
import type { StepPlan } from '../domain/plan-step.js';
import { rowsSources } from '../domain/rows-sources.js';
import { createSpending } from '../domain/spending.js';
import { decideStart, type StepEnding } from '../domain/step-ending.js';
import { walkGraph } from '../domain/walk-graph.js';
import type { Hold } from './hold.js';
import { isCancelled } from './is-cancelled.js';
import { markSteps } from './mark-steps.js';
import { resolveSteps, scopeOf } from './resolve-steps.js';
import { startStep } from './start-step.js';
import { readFailure } from './top-level-failure.js';
import type { ProgressTracker } from './track-progress.js';

export interface StepFailure {
  readonly name: string;
  readonly type: FailureType;
  readonly message: string;
  /** `step`: within another pipeline as `<name>/<its step>`. */
  readonly details: FailureDetails & { readonly step: string };
}

export interface Walked {
  readonly input: RunPipelineInput;
  readonly progress: ProgressTracker;
  readonly hold: Hold;
  /** What this run goes on from. */
  readonly earlier: EarlierRun | undefined;
  /** What fails is added to it, unless the pipeline goes on as if it had had no rows. */
  readonly failures: StepFailure[];
}

/** Runs the steps in their order. @returns the results of those that ended well */
export async function walkSteps(walked: Walked): Promise<Record<string, StepResult>> {
  const { input, progress, hold, earlier, failures } = walked;
  const { steps, parallel, failFast = false, maxExecutions } = input.pipeline;
  const scope = scopeOf(input);
  const plans = resolveSteps(input, scope);
  const pipeline = {
    name: input.pipeline.name,
    workflowId: workflowInfo().workflowId,
    ...scope.run,
    ...(input.rerun === undefined ? {} : { rerun: input.rerun }),
  };
  const marks = markSteps(progress, [...plans.keys()]);
  const spending = createSpending(maxExecutions);
  const endings = new Map<string, StepEnding>();
  const scopeOfAll = new CancellationScope({ cancellable: true });
  const endingOf = (name: string): StepEnding => endings.get(name) ?? { state: 'unreached' };
  const resultOf = (name: string): StepResult | undefined => {
    const ending = endings.get(name);
    return ending?.state === 'completed' ? ending.result : undefined;
  };

  function starts(name: string): boolean {
    const step = steps[name];
    if (step === undefined) return false;
    const decision = scopeOfAll.consideredCancelled ? stopped(failures) : decideStart(step, endingOf);
    if (decision.starts) return true;
    endings.set(name, { state: decision.state });
    marks.skipped(name, decision.why);
    return false;
  }

  function run(name: string, plan: StepPlan): Promise<StepResult> {
    const rowsOf = plan.kind === 'forEach' ? plan.forEach.rowsOf : '';
    const source = steps[rowsOf];
    const rows = source === undefined ? [] : rowsSources(source, resultOf(rowsOf));
    const onStart = (): void => marks.running(name, stepWorkflowId(pipeline.workflowId, name));
    return startStep({ name, plan, pipeline, rows, earlier, hold, spending, maxExecutions, onStart });
  }

  async function visit(name: string): Promise<void> {
    const plan = plans.get(name);
    if (plan === undefined) return;
    const before = earlier?.steps[name];
    try {
      const result = before?.kind === 'finished' ? before.result : await run(name, plan);
      endings.set(name, { state: 'completed', result });
      marks.completed(name, result, before?.kind === 'finished');
    } catch (error) {
      if (isCancelled(error) && scopeOfAll.consideredCancelled) {
        endings.set(name, { state: 'cancelled' });
        marks.cancelled(name);
        return;
      }
      const { type, message, details } = readFailure(error);
      const goesOn = steps[name]?.onFailure === 'continue';
      endings.set(name, { state: 'failed', type, goesOn });
      marks.failed(name, { type, message }, details.executionId);
      if (goesOn) return;
      const step = details.step === undefined ? name : `${name}/${details.step}`;
      failures.push({ name, type, message, details: { ...details, step } });
      if (failFast) scopeOfAll.cancel();
    }
  }

  await scopeOfAll.run(() =>
    walkGraph(graphOf(steps), { ...(parallel === undefined ? {} : { parallel }), starts, visit }),
  );
  const results = [...plans.keys()].map((name): [string, StepResult | undefined] => [name, resultOf(name)]);
  return Object.fromEntries(results.filter((entry): entry is [string, StepResult] => entry[1] !== undefined));
}

function stopped([first]: readonly StepFailure[]) {
  const why = first === undefined ? 'the pipeline was cancelled' : `step "${first.name}" failed`;
  return { starts: false, state: 'unreached', why } as const;
}
