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
