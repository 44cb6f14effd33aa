import { code, markdownTable } from './markdown-table.js';
import type { BatchCounts, Progress, StepProgress } from './progress.js';
import { sweepMarkdown } from './sweep-markdown.js';

/** The Markdown that the Web UI shows as a workflow's current details: what is known. */
export function progressMarkdown(progress: Progress): string {
  const facts: [string, string | undefined][] = [
    ['phase', progress.phase],
    ['waiting for', progress.waitingFor],
    ['task', codeOf(progress.taskId)],
    ['execution', codeOf(progress.executionId)],
    ['status', progress.status],
    ['rows', progress.rows?.toString()],
    ['batches', progress.batches && batchesText(progress.batches)],
    ['paused since', progress.pausedSince],
    ['followed by', codeOf(progress.followId)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  const table = markdownTable(['', ''], known);
  const parts = [
    table,
    ...(progress.steps ? [stepsTable(progress.steps)] : []),
    ...(progress.sweep ? [sweepMarkdown(progress.sweep)] : []),
  ];
  return parts.join('\n\n');
}

function stepsTable(steps: Readonly<Record<string, StepProgress>>): string {
  const rows = Object.entries(steps).map(([name, step]) => [
    name,
    step.kept === true ? 'kept' : step.state,
    step.rows?.toString() ?? '',
    whatRan(step),
    step.failure ? `${step.failure.type}: ${step.failure.message}` : (step.why ?? ''),
  ]);
  return markdownTable(['step', 'state', 'rows', 'ran', 'why'], rows);
}

function whatRan({ executionId, batches, workflowId }: StepProgress): string {
  if (batches !== undefined) return `${batches.completed} of ${batches.total} batches`;
  return codeOf(executionId ?? workflowId) ?? '';
}

function batchesText({ total, completed, failed, running }: BatchCounts): string {
  return `${completed} of ${total} completed, ${running} running, ${failed} failed`;
}

function codeOf(id: string | undefined): string | undefined {
  return id === undefined ? undefined : code(id);
}
