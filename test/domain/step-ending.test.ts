import { describe, expect, it } from 'vitest';
import type { StepSpec } from '../../src/domain/pipeline.js';
import type { RunTaskResult } from '../../src/domain/run.js';
import { decideStart, statusOf, type StepEnding } from '../../src/domain/step-ending.js';

function ran(records: number, status = 'completed'): StepEnding {
  const file = { uri: 'u', format: 'json', bytes: 1, records, sha256: 's' } as const;
  const result: RunTaskResult = { taskId: 't', executionId: 'e', status, export: file, published: [] };
  return { state: 'completed', result };
}

const failed: StepEnding = { state: 'failed', type: 'ExecutionFailed', goesOn: false };
const passedOver: StepEnding = { ...failed, goesOn: true };
const skipped: StepEnding = { state: 'skipped' };
const unreached: StepEnding = { state: 'unreached' };
const forEach = { rowsOf: 'a', field: 'url' };

describe('whether a step starts', () => {
  it.each<[string, Partial<StepSpec>, Record<string, StepEnding>, string | true]>([
    ['it comes after nothing', {}, {}, true],
    ['all before it ended well', { after: ['a', 'b'] }, { a: ran(1), b: ran(0) }, true],
    ['one before it failed', { after: ['a', 'b'] }, { a: ran(1), b: failed }, 'step "b" failed'],
    ['the failure is passed over', { after: 'a' }, { a: passedOver }, true],
    ['one before it was not started', { after: 'a' }, { a: unreached }, 'step "a" was not started'],
    ['the one before it was skipped', { after: 'a' }, { a: skipped }, 'step "a" was skipped'],
    ['one of two branches was skipped', { after: ['a', 'b'] }, { a: skipped, b: ran(1) }, true],
    ['both branches were skipped', { after: ['a', 'b'] }, { a: skipped, b: skipped }, 'step "a" was skipped'],
    ['one was skipped and one failed', { after: ['a', 'b'] }, { a: skipped, b: failed }, 'step "b" failed'],
    ['the rows it takes were skipped', { forEach, after: 'b' }, { a: skipped, b: ran(1) }, 'step "a" was skipped'],
    ['the rows it takes failed', { forEach }, { a: failed }, 'step "a" failed'],
    ['the rows it takes are passed over', { forEach }, { a: passedOver }, true],

    ['`when` alone, and it ended well', { when: { step: 'a' } }, { a: ran(0) }, true],
    ['`when` alone, and it failed', { when: { step: 'a' } }, { a: failed }, 'step "a" failed'],
    ['`when` alone, and it is passed over', { when: { step: 'a' } }, { a: passedOver }, true],
    ['`when` alone, and it was skipped', { when: { step: 'a' } }, { a: skipped }, 'step "a" was skipped'],
    ['the status is the one', { when: { step: 'a', status: 'completed' } }, { a: ran(1) }, true],
    [
      'the status is another',
      { when: { step: 'a', status: 'completed' } },
      { a: ran(1, 'completed_with_errors') },
      'step "a" ended as completed_with_errors',
    ],
    ['it cleans up after a failure', { when: { step: 'a', status: ['failed', 'cancelled'] } }, { a: failed }, true],
    ['the status is spelled otherwise', { when: { step: 'a', status: ['FAILED', 'Canceled'] } }, { a: failed }, true],
    [
      'there is nothing to clean up',
      { when: { step: 'a', status: 'failed' } },
      { a: ran(1) },
      'step "a" ended as completed',
    ],
    ['`when` decides over `after`', { after: 'a', when: { step: 'a', status: 'failed' } }, { a: failed }, true],
    ['it waits for a skipped one', { when: { step: 'a', status: 'skipped' } }, { a: skipped }, true],
    ['what was not started counts as skipped', { when: { step: 'a', status: 'skipped' } }, { a: unreached }, true],
    ['there are enough rows', { when: { step: 'a', rows: { min: 2, max: 3 } } }, { a: ran(3) }, true],
    ['there are too few rows', { when: { step: 'a', rows: { min: 2 } } }, { a: ran(1) }, 'step "a" had 1 rows'],
    ['there are too many rows', { when: { step: 'a', rows: { max: 2 } } }, { a: ran(3) }, 'step "a" had 3 rows'],
    ['what is passed over had none', { when: { step: 'a', rows: { max: 0 } } }, { a: passedOver }, true],
    [
      'another one before it failed',
      { after: 'b', when: { step: 'a', status: 'failed' } },
      { a: failed, b: failed },
      'step "b" failed',
    ],
  ])('%s', (_, step, endings, expected) => {
    const start = decideStart(step, (name) => endings[name] ?? unreached);
    expect(start.starts ? true : start.why).toBe(expected);
  });

  it('what comes after a failure is not reached, what `when` leaves out is skipped', () => {
    expect(decideStart({ after: 'a' }, () => failed)).toMatchObject({ state: 'unreached' });
    expect(decideStart({ when: { step: 'a' } }, () => failed)).toMatchObject({ state: 'skipped' });
  });
});

it.each<[StepEnding, string]>([
  [ran(1, 'completed_with_errors'), 'completed_with_errors'],
  [{ state: 'completed', result: { steps: {} } }, 'completed'],
  [failed, 'failed'],
  [{ state: 'failed', type: 'ExecutionCancelled', goesOn: false }, 'cancelled'],
  [unreached, 'skipped'],
])('the status of %j is %s', (ending, status) => {
  expect(statusOf(ending)).toBe(status);
});
