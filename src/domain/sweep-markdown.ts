import { code, markdownTable } from './markdown-table.js';
import type { SweepResult } from './orphans.js';

const MOST_SHOWN = 20;

/** What a sweep has found, for the Web UI: one line, and a small table. */
export function sweepMarkdown({ looked, found, orphans, isComplete }: SweepResult): string {
  const all = isComplete ? '' : ' (the service did not show all)';
  const head = `${found} of ${looked} live executions have no owner${all}`;
  if (found === 0) return head;
  const shown = orphans.slice(0, MOST_SHOWN);
  const rows = shown.map(({ executionId, taskName, taskId, status, createdAt, action }) => [
    code(executionId),
    taskName ?? code(taskId),
    status,
    createdAt ?? '',
    action,
  ]);
  const table = markdownTable(['execution', 'task', 'status', 'created', 'action'], rows);
  const more = found > shown.length ? `\n\nand ${found - shown.length} more` : '';
  return `${head}\n\n${table}${more}`;
}
