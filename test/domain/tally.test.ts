import { describe, expect, it } from 'vitest';
import type { ForEachResult } from '../../src/domain/pipeline.js';
import type { PublishReceipt, RunTaskResult } from '../../src/domain/run.js';
import { rowsIn } from '../../src/domain/step-result.js';
import { tallyOf } from '../../src/domain/tally.js';

function receipt(changes: Partial<PublishReceipt>): PublishReceipt {
  return {
    store: 'local',
    table: 't',
    mode: 'append',
    superseded: false,
    records: 10,
    rows: 10,
    rejected: 0,
    inserted: 10,
    updated: 0,
    unchanged: 0,
    duplicates: 0,
    ...changes,
  };
}

function ran(changes: Partial<RunTaskResult>): RunTaskResult {
  const ref = { uri: 'file:///x', format: 'json', bytes: 1, records: 10, sha256: '' } as const;
  return { taskId: 't', executionId: 'e', status: 'completed', export: ref, published: [], ...changes };
}

const each: ForEachResult = {
  run: 'p/each',
  batches: 4,
  completed: 3,
  executions: 3,
  kept: 2,
  repeated: 1,
  passedOver: { count: 2, values: ['a', 'b'] },
  records: 10,
  rejected: 4,
  published: [],
};

describe('the tally of a run', () => {
  it('is that of the publication that lost most', () => {
    const published = [receipt({}), receipt({ rows: 4, inserted: 4, rejected: 6 })];
    expect(tallyOf(ran({ published }))).toMatchObject({ records: 10, rows: 4, rejected: 6, rejectsOf: 'e' });
  });

  it('counts what was rejected where nothing is published', () => {
    const result = ran({ rejected: 9 });
    expect(tallyOf(result)).toEqual({ records: 10, rows: 1, rejected: 9, rejectsOf: 'e', executions: 1 });
    expect(rowsIn(result)).toBe(1);
  });

  it('counts what earlier runs have paid for, and what failed', () => {
    expect(tallyOf(each)).toEqual({
      records: 10,
      rows: 6,
      rejected: 4,
      rejectsOf: 'p/each',
      executions: 5,
      repeated: 1,
      passedOver: { count: 2, values: ['a', 'b'] },
      failedBatches: { failed: 1, of: 4 },
    });
    expect(tallyOf(ran({ repeated: 1 }))).toMatchObject({ executions: 2, repeated: 1 });
  });

  it('of a pipeline is the sum, and names a run with rejects only where it is the only one', () => {
    const steps = { a: ran({ published: [receipt({})] }), b: { steps: { each } } };
    expect(tallyOf({ steps })).toMatchObject({ records: 20, rows: 16, inserted: 10, rejected: 4, executions: 6 });
    expect(tallyOf({ steps }).rejectsOf).toBe('p/each');
    expect(tallyOf({ steps: { ...steps, c: ran({ rejected: 1 }) } }).rejectsOf).toBeUndefined();
  });
});
