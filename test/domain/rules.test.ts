import { describe, expect, it } from 'vitest';
import { judge, judgeDrop } from '../../src/domain/gate.js';
import {
  executionWorkflowId,
  pipelineKey,
  pipelineWorkflowId,
  stagingTaskQueue,
  taskQueues,
} from '../../src/domain/ids.js';
import { progressMarkdown } from '../../src/domain/progress-markdown.js';
import { isAccepted, isLive, standingOf } from '../../src/domain/status.js';

describe('a status', () => {
  it.each([
    ['queued', 'live'],
    ['running', 'live'],
    ['paused', 'live'],
    ['completed', 'completed'],
    ['completed_with_errors', 'partial'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['archiving', 'live'],
  ])('%s means %s', (status, standing) => {
    expect(standingOf(status)).toBe(standing);
    expect(isLive(status)).toBe(standing === 'live');
  });

  it('of a partial success is accepted only by those who want it', () => {
    expect(isAccepted('completed_with_errors', 'completed')).toBe(false);
    expect(isAccepted('completed_with_errors', 'partial')).toBe(true);
    expect(isAccepted('completed', 'completed')).toBe(true);
    expect(isAccepted('failed', 'partial')).toBe(false);
  });
});

describe('the gate', () => {
  it('wants one valid row by default, but only where rows are published', () => {
    expect(judge({ records: 0, rejected: 0 }, {}, true)).toContain('0 valid rows of 0 records, expected at least 1');
    expect(judge({ records: 5, rejected: 5 }, {}, true)).toContain('0 valid rows of 5 records');
    expect(judge({ records: 0, rejected: 0 }, {}, false)).toBeUndefined();
    expect(judge({ records: 0, rejected: 0 }, { minRows: 0 }, true)).toBeUndefined();
  });

  it('counts rejects as a share of all records', () => {
    expect(judge({ records: 100, rejected: 1 }, { maxRejected: 0.01 }, true)).toBeUndefined();
    expect(judge({ records: 100, rejected: 2 }, { maxRejected: 0.01 }, true)).toContain(
      '2 of 100 records were rejected (2 %)',
    );
    expect(judge({ records: 0, rejected: 0 }, { minRows: 0, maxRejected: 0 }, true)).toBeUndefined();
  });

  it('counts missing rows as a share of the last publication, where there is one', () => {
    const prices = { store: 'warehouse', table: 'prices', mode: 'append' } as const;
    expect(judgeDrop(0, undefined, 0, prices)).toBeUndefined();
    expect(judgeDrop(0, 0, 0, prices)).toBeUndefined();
    expect(judgeDrop(3, 10, 0.7, prices)).toBeUndefined();
    expect(judgeDrop(20, 10, 0, prices)).toBeUndefined();
    expect(judgeDrop(9, 10, 0, prices)).toBe(
      '9 valid rows for warehouse, table prices, are 10 % fewer than the 10 of its last publication, at most 0 % fewer may be',
    );
  });
});

describe('ids', () => {
  it('are the wire contract', () => {
    expect(executionWorkflowId('e1')).toBe('execution/e1');
    expect(pipelineWorkflowId('prices', 'k')).toBe('pipeline/prices/k');
    expect(pipelineKey('pipeline/prices/k/2', 'prices')).toBe('k/2');
    expect(pipelineKey('my-own-id', 'prices')).toBe('my-own-id');
    expect(taskQueues('titanflow')).toEqual({ main: 'titanflow', wait: 'titanflow-wait', data: 'titanflow-data' });
    expect(stagingTaskQueue('titanflow', '1a2b')).toBe('titanflow-data-1a2b');
  });
});

describe('current details', () => {
  it('are a table of what is known', () => {
    const text = progressMarkdown({ phase: 'waiting', executionId: 'e1', status: 'running' });
    expect(text).toBe('|  |  |\n| --- | --- |\n| phase | waiting |\n| execution | `e1` |\n| status | running |');
  });

  it('keep a message from breaking the table', () => {
    const failure = { type: 'ExecutionFailed' as const, message: 'a | b\nc' };
    expect(progressMarkdown({ phase: 'running', steps: { s: { state: 'failed', failure } } })).toContain('a \\| b c');
  });
});
