import { describe, expect, it } from 'vitest';
import { endingWords, listedWords, rowsWords } from '../../src/domain/ending-words.js';
import type { Tally } from '../../src/domain/tally.js';

function tally(changes: Partial<Tally>): Tally {
  return { records: 100, rejected: 0, rows: 100, inserted: 100, executions: 1, ...changes };
}

const BAD = tally({ rejected: 95, rows: 5, inserted: 5, rejectsOf: 'e1' });
const cases: readonly [string, Tally, boolean, string][] = [
  ['all good', tally({}), false, 'completed, 100 rows, 1 execution paid'],
  ['one of each', tally({ records: 1, rows: 1, inserted: 1 }), false, 'completed, 1 row, 1 execution paid'],
  [
    '95 % rejected',
    BAD,
    true,
    'completed, 5 rows, 1 execution paid; 95 of 100 records were rejected: titanflow rejects show e1',
  ],
  [
    'a tenth rejected',
    tally({ rejected: 10, rows: 90, inserted: 90, rejectsOf: 'e1' }),
    false,
    'completed, 90 rows, 1 execution paid; 10 of 100 records were rejected: titanflow rejects show e1',
  ],
  [
    'more than a tenth rejected, of a step with rejects in several runs',
    tally({ rejected: 11, rows: 89, inserted: 89 }),
    true,
    'completed, 89 rows, 1 execution paid; 11 of 100 records were rejected: titanflow rejects list',
  ],
  [
    '94 duplicates',
    tally({ inserted: 6, duplicates: 94 }),
    true,
    'completed, 100 rows (6 new, 94 duplicates), 1 execution paid; 94 of 100 rows were duplicates',
  ],
  [
    'a merge',
    tally({ inserted: 20, updated: 3, unchanged: 77 }),
    false,
    'completed, 100 rows (20 new, 3 updated, 77 unchanged), 1 execution paid',
  ],
  [
    'repeated batches',
    tally({ executions: 7, repeated: 3 }),
    false,
    'completed, 100 rows, 7 executions paid, 3 of them repeated',
  ],
  [
    'a newer replace',
    tally({ inserted: 0, unchanged: 100, superseded: true }),
    true,
    'completed, 100 rows, 1 execution paid; a newer replace was there first, so nothing was changed',
  ],
  [
    'a guess that was too narrow',
    tally({ widened: ['price: bigint to numeric'] }),
    false,
    'completed, 100 rows, 1 execution paid; columns widened: price: bigint to numeric',
  ],
  ['nothing published', tally({ inserted: 0 }), false, 'completed, 100 rows, 1 execution paid'],
  ['nothing at all', { records: 0, rejected: 0, rows: 0, executions: 0 }, false, 'completed, 0 rows'],
  [
    'batches that failed, and values that are no URLs',
    tally({ executions: 4, failedBatches: { failed: 1, of: 4 }, passedOver: { count: 3, values: ['N/A', '6', 'x'] } }),
    true,
    'completed, 100 rows, 4 executions paid; 1 of 4 batches failed, the others were published; 3 values passed over that are no URLs: N/A, 6, x',
  ],
];

describe('an end that Temporal calls completed', () => {
  it.each(cases)('says of %s all that matters', (_, counts, isWarning, sentence) => {
    expect(endingWords({ run: counts })).toEqual({ isWarning, lines: [sentence] });
  });

  it('says of several steps the whole, and what each has lost', () => {
    expect(endingWords({ one: BAD, two: tally({}) }, true)).toEqual({
      isWarning: true,
      lines: [
        'released and completed, 105 rows, 95 rejected, 2 executions paid',
        'one: 95 of 100 records were rejected: titanflow rejects show e1',
      ],
    });
  });

  it('says the same in a list', () => {
    expect(listedWords(BAD, false)).toBe('! 5 new, 95 rejected: titanflow rejects show e1; 1 execution paid');
    expect(listedWords(tally({}), true)).toBe('released, 100 new; 1 execution paid');
    expect(rowsWords({ records: 0, rejected: 0, rows: 0, executions: 1 })).toBe('no records');
  });
});
