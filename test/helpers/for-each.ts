import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { RunForEachInput } from '../../src/domain/for-each.js';
import type { ForEachResult } from '../../src/domain/pipeline.js';
import type { runForEach, runTask } from '../../src/workflows/index.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { PRODUCT_TASK, type Workplace } from './workplace.js';

export const SCRAPE = { ...PRODUCT_TASK, name: 'Scrape', urls: '${batch}' };

const OF_PIPELINE = [{ key: searchAttributes.pipeline, value: 'products' }];

/** What feeds the batches: an execution of a task whose rows have distinct urls. */
export async function findRows(place: Workplace, name: string): Promise<RunForEachInput['rows']> {
  const properties = { url: { type: 'string' }, shop: { type: 'string' } };
  const task = { ...PRODUCT_TASK, name, output_schema: { type: 'object', properties } };
  const { executionId, taskId } = await place.client.workflow.execute<typeof runTask>('runTask', {
    workflowId: randomUUID(),
    taskQueue: place.config.taskQueue,
    args: [{ task }],
    typedSearchAttributes: OF_PIPELINE,
  });
  return [{ executionId, task: { id: taskId } }];
}

export interface StepChanges {
  readonly forEach?: Partial<RunForEachInput['forEach']>;
  readonly options?: RunForEachInput['options'];
  readonly task?: RunForEachInput['task'];
  readonly run?: string;
  readonly workflowId?: string;
  readonly maxExecutions?: number;
}

/** Starts a step as a pipeline does, but without one. */
export async function startStep(
  place: Workplace,
  rows: RunForEachInput['rows'],
  changes: StepChanges = {},
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof runForEach>> {
  const { run = `pipeline/products/${randomUUID()}/scrape`, workflowId = run, maxExecutions } = changes;
  const input: RunForEachInput = {
    forEach: { rowsOf: 'find', field: 'url', batch: 5, parallel: 4, ...changes.forEach },
    task: changes.task ?? SCRAPE,
    options: changes.options ?? {},
    rows,
    pipeline: 'products',
    step: 'scrape',
    run,
    ...(maxExecutions === undefined ? {} : { maxExecutions }),
  };
  return place.client.workflow.start<typeof runForEach>('runForEach', {
    workflowId,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    taskQueue: place.config.taskQueue,
    args: [input],
    typedSearchAttributes: OF_PIPELINE,
  });
}

export async function ended(step: ReturnType<typeof startStep>): Promise<ForEachResult> {
  return (await step).result();
}
