import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { pipelineKey } from '../domain/ids.js';
import type { Json } from '../domain/json.js';
import type { RunPipelineInput } from '../domain/pipeline.js';
import { resolveReferences, type ReferenceScope } from '../domain/references.js';
import type { RunTaskInput } from '../domain/run.js';

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** Each step's input with its references filled in. */
export function resolveSteps(input: RunPipelineInput): ReadonlyMap<string, RunTaskInput> {
  const scope = scopeOf(input);
  try {
    return new Map(
      Object.entries(input.pipeline.steps).flatMap(([name, step]): [string, RunTaskInput][] => {
        const {
          after: _after,
          when: _when,
          onFailure: _failing,
          forEach: _each,
          pipeline: _other,
          params: _its,
          ...run
        } = step;
        const { task } = run;
        return task === undefined ? [] : [[name, resolveReferences<RunTaskInput>({ ...run, task }, scope)]];
      }),
    );
  } catch (error) {
    throw ApplicationFailure.nonRetryable(error instanceof Error ? error.message : String(error), 'InvalidInput');
  }
}

function scopeOf({ pipeline, params, key }: RunPipelineInput): ReferenceScope {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const defaults = Object.entries(pipeline.params ?? {}).flatMap(([name, param]): [string, Json][] =>
    param.default === undefined ? [] : [[name, param.default]],
  );
  return {
    params: { ...Object.fromEntries(defaults), ...params },
    run: {
      key: key ?? pipelineKey(workflowId, pipeline.name),
      // Started by hand: now is when it was meant to run.
      scheduledTime: (typedSearchAttributes.get(scheduledStart) ?? startTime).toISOString(),
    },
  };
}
