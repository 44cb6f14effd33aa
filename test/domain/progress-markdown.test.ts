import { expect, it } from 'vitest';
import type { StepProgress } from '../../src/domain/progress.js';
import { progressMarkdown } from '../../src/domain/progress-markdown.js';

it('shows the steps that failed or run before others, and counts those that it leaves out', () => {
  const states: StepProgress['state'][] = Array.from({ length: 300 }, () => 'completed');
  states[200] = 'failed';
  states[299] = 'running';
  const steps = Object.fromEntries(states.map((state, at): [string, StepProgress] => [`s${at}`, { state }]));
  const lines = progressMarkdown({ phase: 'running', steps }).split('\n');
  const shown = lines.filter((line) => /^\| s\d/.test(line));
  expect(shown).toHaveLength(100);
  expect(shown.slice(-2)).toEqual(['| s200 | failed |  |  |  |', '| s299 | running |  |  |  |']);
  expect(lines.at(-1)).toBe(
    'and 200 more steps (200 completed): the query `progress` and `titanflow status` show them all',
  );
});

it('says of a step that ended well what it has lost, and of the whole what it was paid for', () => {
  const tally = { records: 100, rejected: 95, rows: 5, inserted: 5, executions: 3, repeated: 1, rejectsOf: 'e1' };
  const failure = { type: 'ExecutionFailed', message: '2 of 4 batches failed\n- batch 1: no' } as const;
  const steps = { one: { state: 'completed', rows: 5, tally }, two: { state: 'failed', failure } } as const;
  const lines = progressMarkdown({ phase: 'completed', rows: 5, tally, steps }).split('\n');
  expect(lines).toContain('| of them | 5 new, 95 rejected |');
  expect(lines).toContain('| paid for | 3 executions paid, 1 of them repeated |');
  expect(lines).toContain('**!** 95 of 100 records were rejected: titanflow rejects show e1');
  const why = '95 of 100 records were rejected: titanflow rejects show e1';
  expect(lines).toContain(`| one | completed | 5 (5 new, 95 rejected) |  | ${why} |`);
  expect(lines).toContain('| two | failed |  |  | ExecutionFailed: 2 of 4 batches failed |');
});
