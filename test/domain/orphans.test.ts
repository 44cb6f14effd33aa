import { describe, expect, it } from 'vitest';
import { isOldEnough, treatmentOf, type Orphan } from '../../src/domain/orphans.js';
import { progressMarkdown } from '../../src/domain/progress-markdown.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

function createdBefore(ms: number) {
  return { createdAt: new Date(NOW - ms).toISOString() };
}

describe('an execution without an owner', () => {
  it('is left alone as long as whoever started it may still claim it', () => {
    expect(isOldEnough(createdBefore(14 * MINUTE), NOW, 15 * MINUTE)).toBe(false);
    expect(isOldEnough(createdBefore(15 * MINUTE), NOW, 15 * MINUTE)).toBe(false);
    expect(isOldEnough(createdBefore(15 * MINUTE + 1), NOW, 15 * MINUTE)).toBe(true);
    expect(isOldEnough(createdBefore(-MINUTE), NOW, 1)).toBe(false);
  });

  it.each(['report', 'adopt', 'stop'] as const)('is only reported where its age is not known: %s', (policy) => {
    expect(isOldEnough({}, NOW, 15 * MINUTE)).toBe(true);
    expect(treatmentOf({}, policy)).toBe('report');
    expect(treatmentOf(createdBefore(MINUTE), policy)).toBe(policy);
  });
});

describe('what a sweep has found', () => {
  const orphan: Orphan = { executionId: 'e1', taskId: 't1', taskName: 'A | B', status: 'running', action: 'adopted' };

  it('is one line and a small table', () => {
    const sweep = { looked: 7, found: 1, orphans: [orphan], isComplete: true };
    expect(progressMarkdown({ phase: 'completed', sweep }).split('\n').slice(3)).toEqual([
      '',
      '1 of 7 live executions have no owner',
      '',
      '| execution | task | status | created | action |',
      '| --- | --- | --- | --- | --- |',
      '| `e1` | A \\| B | running |  | adopted |',
    ]);
  });

  it('is no long one', () => {
    const sweep = { looked: 500, found: 130, orphans: Array.from({ length: 100 }, () => orphan), isComplete: false };
    const lines = progressMarkdown({ phase: 'completed', sweep }).split('\n');
    expect(lines.filter((line) => line.startsWith('| `e1`'))).toHaveLength(20);
    expect(lines).toContain('130 of 500 live executions have no owner (the service did not show all)');
    expect(lines.at(-1)).toBe('and 110 more');
  });
});
