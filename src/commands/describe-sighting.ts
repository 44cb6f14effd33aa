import type { Sighting } from '../client/read-progress.js';
import type { StepProgress } from '../domain/progress.js';
import { secondsBetween } from './show-outcome.js';

/** One line about each step of a pipeline, or about the run where there are no steps. */
export interface StepLine {
  readonly name: string;
  readonly state: StepProgress['state'];
  readonly text: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

export function describeSighting(sighting: Sighting): StepLine[] {
  const steps = Object.entries(sighting.steps ?? {});
  if (steps.length === 0) return [{ name: 'run', state: 'running', text: describeRun(sighting) }];
  return steps.map(([name, step]) => ({
    name,
    state: step.state,
    text: describeStep(step, sighting.below[name]),
    ...(step.startedAt === undefined ? {} : { startedAt: step.startedAt }),
    ...(step.endedAt === undefined ? {} : { endedAt: step.endedAt }),
  }));
}

function describeStep(step: StepProgress, run: Sighting | undefined): string {
  switch (step.state) {
    case 'pending':
      return 'waits for the steps before it';
    case 'running':
      return describeRunning(run);
    case 'completed':
      return `${step.status ?? 'completed'}, ${step.rows ?? 0} rows, ${secondsBetween(step.startedAt, step.endedAt)} s`;
    case 'failed':
      return step.failure ? `${step.failure.type}: ${step.failure.message}` : 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'skipped':
      return 'not started, because a step before it failed';
  }
}

/** Its workflow may have ended a moment before its pipeline hears of it. */
function describeRunning(run: Sighting | undefined): string {
  if (run === undefined) return 'starting';
  return run.phase === 'completed' ? 'finishing' : describeRun(run);
}

/** Goes down to the workflow that really does something. */
function describeRun(run: Sighting): string {
  const follower = run.below['execution'];
  if (follower) return run.phase === 'waiting' ? describeRunning(follower) : describeRun(follower);
  const trouble = run.pending.find(({ lastFailure, attempt, mark }) => lastFailure && (attempt > 1 || mark?.outage));
  if (trouble) {
    const attempt = trouble.mark?.outage?.looks ?? trouble.attempt;
    return `${run.phase}: attempt ${attempt}: ${trouble.lastFailure}`;
  }
  const seen = run.pending.find((work) => work.mark?.status !== undefined)?.mark;
  const detail = run.phase === 'waiting' && seen ? `execution ${run.executionId} is ${seen.status}` : run.waitingFor;
  return detail === undefined ? run.phase : `${run.phase}: ${detail}`;
}
