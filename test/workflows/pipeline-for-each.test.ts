import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PipelineSpec, RunPipelineInput } from '../../src/domain/pipeline.js';
import { SCRAPE } from '../helpers/for-each.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

const scenario = { seconds: 0, rows: 3, tasks: [{ name: 'Find', rows: 20 }] };
const failing = { ...scenario, tasks: [...scenario.tasks, { name: 'Look closer', status: 'failed' }] };
const FOUND = { type: 'object', properties: { url: { type: 'string' } } };

const pipeline: PipelineSpec = {
  name: 'products',
  steps: {
    find: { task: { ...PRODUCT_TASK, name: 'Find', output_schema: FOUND } },
    scrape: {
      forEach: { rowsOf: 'find', field: 'url', batch: 5 },
      after: 'find',
      task: { ...SCRAPE, name: 'Scrape', output_schema: FOUND },
    },
    closer: {
      forEach: { rowsOf: 'scrape', field: 'url', batch: 4 },
      after: 'scrape',
      task: { ...SCRAPE, name: 'Look closer' },
      publish: [{ store: 'local', table: 'closer', mode: 'replace' }],
    },
  },
};

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: failing } });
  await place.startWorker();
});

afterAll(() => place.close());

async function run(changes: Partial<RunPipelineInput> = {}) {
  return place.titanflow.runPipeline(`pipeline/products/${randomUUID()}`, { pipeline, ...changes });
}

it('feeds the rows of one step to the next; one that goes on from a failed run pays for what is missing', async () => {
  const first = await run();
  const failure = await failureOf(first.result());
  expect(failure).toMatchObject({ type: 'StepFailed', details: [{ step: 'closer' }] });
  expect(failure.message).toContain('3 of 3 batches failed');
  expect(place.executionsOf('Look closer')).toHaveLength(6);

  place.emulator.setScenario(scenario);
  const second = await run({ resumeOf: first.workflowId });
  expect(await second.result()).toMatchObject({
    steps: { scrape: { batches: 4, completed: 4 }, closer: { batches: 3, completed: 3, published: [{ rows: 9 }] } },
  });
  expect(place.executionsOf('Find')).toHaveLength(1);
  expect(place.executionsOf('Scrape')).toHaveLength(4);
  expect(place.executionsOf('Look closer')).toHaveLength(9);
  expect(await readTable(place.out, 'closer')).toHaveLength(9);
});
