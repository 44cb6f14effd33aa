import { graphOf, type PipelineSpec, type RowsSource, type StepResult, type StepSpec } from './pipeline.js';
import { isForEachResult, isPipelineResult } from './step-result.js';

/** Where the rows of a step rest, for a later one to take. @param result undefined: it did not end well, so it has none */
export function rowsSources(step: StepSpec, result: StepResult | undefined): readonly RowsSource[] {
  if (result === undefined) return [];
  if (isForEachResult(result)) return [{ run: result.run }];
  if (isPipelineResult(result)) {
    const { pipeline } = step;
    return typeof pipeline === 'object' ? rowsOfLast(pipeline, result.steps) : [];
  }
  const { format, records, coerce } = step;
  const { executionId, taskId } = result;
  return [
    {
      executionId,
      ...(format === undefined ? {} : { format }),
      ...(records === undefined ? {} : { records }),
      ...(coerce === undefined ? {} : { coerce }),
      task: { id: taskId },
    },
  ];
}

/** The rows of a pipeline are those of the steps that nothing in it comes after. */
function rowsOfLast({ steps }: PipelineSpec, results: Readonly<Record<string, StepResult>>): readonly RowsSource[] {
  const taken = new Set([...graphOf(steps).values()].flat());
  return Object.entries(steps).flatMap(([name, step]) => (taken.has(name) ? [] : rowsSources(step, results[name])));
}
