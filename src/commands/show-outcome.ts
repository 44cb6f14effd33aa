import Table from 'cli-table3';
import pc from 'picocolors';
import type { StepProgress } from '../domain/progress.js';
import type { SweepResult } from '../domain/orphans.js';
import type { StepResult } from '../domain/pipeline.js';
import { publishedBy, rowsIn } from '../domain/step-result.js';
import type { Outcome } from './outcome.js';
import { shown } from '../printable.js';

/** The last words about a workflow: a table of its runs, or why it failed and what is left of it. */
export function showOutcome(
  workflowId: string,
  ended: Outcome,
  steps: Readonly<Record<string, StepProgress>> = {},
): string {
  const outcome = shown(ended);
  switch (outcome.kind) {
    case 'completed':
      return runsTable(outcome.runs, shown(steps));
    case 'swept':
      return sweepTable(outcome.sweep);
    case 'failed':
      return failureLines(outcome).join('\n');
    case 'cancelled':
    case 'terminated':
      return `${shown(workflowId)} was ${outcome.kind}`;
  }
}

/** Seconds between two times, as `3.2`; nothing if one is not known. */
export function secondsBetween(start: string | undefined, end: string | undefined): string {
  if (start === undefined || end === undefined) return '';
  return ((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1);
}

function runsTable(runs: Readonly<Record<string, StepResult>>, steps: Readonly<Record<string, StepProgress>>): string {
  const table = new Table({
    head: ['step', 'status', 'rows', 'seconds', 'published to'],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const [name, run] of Object.entries(runs)) {
    const target = publishedBy(run)
      .map(({ store, table, mode }) => `${store}/${table} (${mode})`)
      .join(', ');
    const seconds = secondsBetween(steps[name]?.startedAt, steps[name]?.endedAt);
    table.push([name, 'status' in run ? run.status : 'completed', rowsIn(run), seconds, target]);
  }
  return table.toString();
}

function sweepTable({ looked, found, orphans, isComplete }: SweepResult): string {
  const all = isComplete ? '' : '; the service did not show all';
  const head = `${looked} live executions looked at, ${found} without an owner${all}`;
  if (found === 0) return head;
  const table = new Table({
    head: ['execution', 'task', 'status', 'created', 'action'],
    style: { head: [], border: [] },
  });
  for (const { executionId, taskName, taskId, status, createdAt, action } of orphans) {
    table.push([executionId, taskName ?? taskId, status, createdAt ?? '', action]);
  }
  return `${head}\n${table.toString()}`;
}

function failureLines({ type, message, details }: Extract<Outcome, { kind: 'failed' }>): string[] {
  const left = [
    ['execution', details.executionId],
    ['task', details.taskId],
    ['staged export', details.export && `${details.export.uri} (${details.export.records} records)`],
    ...(details.published ?? []).map((receipt) => [
      'published',
      `${receipt.rows} rows to ${receipt.store}/${receipt.table}`,
    ]),
  ];
  return [
    pc.red(`${type}: ${message}`),
    ...left.flatMap(([name, value]) => (value === undefined ? [] : [pc.dim(`  ${name}: ${value}`)])),
  ];
}
