import { createTitanflowClient } from '../../../src/client/titanflow-client.js';
import { pipelineWorkflowId } from '../../../src/domain/ids.js';
import type { PipelineSpec } from '../../../src/domain/pipeline.js';
import { FIND_ROWS } from '../service/task-scripts.js';
import { ROWS_OF_A_RUN } from '../service/weather.js';
import { CALLERS_RETRIES, RETRIED_ENDS, type Starter } from './task-run.js';
import { append, TASK, type Wanted } from './wanted.js';

const NAME = 'chaos';
const BATCH = 2;
const BATCHES = FIND_ROWS / BATCH;

/** A task, a task for every two of its rows, and another pipeline after it. */
export function pipelineRun(starter: Starter, key: string, variant: number, isRetried: boolean): Wanted {
  const workflowId = pipelineWorkflowId(NAME, key);
  const names = { find: `Chaos find ${variant}`, each: `Chaos each ${variant}`, only: `Chaos inner ${variant}` };
  const pipeline = pipelineOf(names);
  return {
    workflowId,
    kind: isRetried ? 'pipeline with retries' : 'pipeline',
    isFair: true,
    pays: 1 + BATCHES + 1,
    taskNames: [names.find, ...Array.from({ length: BATCHES }, () => names.each), names.only],
    mayEndAs: isRetried ? RETRIED_ENDS : [],
    rows: ROWS_OF_A_RUN,
    tableOf(unit) {
      if (unit.startsWith(`${workflowId}/each/`)) return 'each_products';
      return unit === `${workflowId}/inner/only` ? 'inner_products' : undefined;
    },
    async start() {
      const { client, taskQueue } = starter;
      if (!isRetried) return void (await createTitanflowClient(starter).runPipeline(key, { pipeline }));
      const retries = { ...CALLERS_RETRIES, workflowRunTimeout: '20 seconds' } as const;
      await client.workflow.start('runPipeline', { workflowId, taskQueue, args: [{ pipeline, key }], ...retries });
    },
  };
}

function pipelineOf(names: { readonly find: string; readonly each: string; readonly only: string }): PipelineSpec {
  const found = { type: 'object', properties: { title: { type: 'string' }, url: { type: 'string', format: 'uri' } } };
  return {
    name: NAME,
    steps: {
      find: { task: { ...TASK, name: names.find, output_schema: found } },
      each: {
        forEach: { rowsOf: 'find', field: 'url', batch: BATCH, parallel: 2, distinct: false },
        task: { ...TASK, name: names.each, urls: '${batch}' },
        publish: append('each_products'),
      },
      inner: {
        after: 'find',
        pipeline: {
          name: 'chaos-inner',
          steps: { only: { task: { ...TASK, name: names.only }, publish: append('inner_products') } },
        },
      },
    },
  };
}
