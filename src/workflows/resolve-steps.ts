import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { pipelineKey } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { RunPipelineInput } from '../domain/pipeline.js';
import { planStep, type StepPlan } from '../domain/plan-step.js';
import type { ReferenceScope } from '../domain/references.js';

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** What each step runs, with its references filled in. */
export function resolveSteps({ pipeline }: RunPipelineInput, scope: ReferenceScope): ReadonlyMap<string, StepPlan> {
  try {
    return new Map(Object.entries(pipeline.steps).map(([name, step]) => [name, planStep(step, scope)]));
  } catch (error) {
    throw ApplicationFailure.nonRetryable(error instanceof Error ? error.message : String(error), 'InvalidInput');
  }
}

/** What the references of a run name. */
export interface RunScope extends ReferenceScope {
  readonly run: Required<ReferenceScope['run']>;
}

export function scopeOf({ pipeline, params, key, scheduledTime }: RunPipelineInput): RunScope {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const defaults = Object.entries(pipeline.params ?? {}).flatMap(([name, param]): [string, Json][] =>
    param.default === undefined ? [] : [[name, param.default]],
  );
  return {
    params: { ...Object.fromEntries(defaults), ...params },
    run: {
      key: key ?? pipelineKey(workflowId, pipeline.name),
      // Started by hand: now is when it was meant to run.
      scheduledTime: scheduledTime ?? (typedSearchAttributes.get(scheduledStart) ?? startTime).toISOString(),
    },
  };
}
