import type { Progress, StepProgress } from './progress.js';

/** The Markdown that the Web UI shows as a workflow's current details: what is known, one table. */
export function progressMarkdown(progress: Progress): string {
  const facts: [string, string | undefined][] = [
    ['phase', progress.phase],
    ['waiting for', progress.waitingFor],
    ['task', code(progress.taskId)],
    ['execution', code(progress.executionId)],
    ['status', progress.status],
    ['rows', progress.rows?.toString()],
    ['paused since', progress.pausedSince],
    ['followed by', code(progress.followId)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  const table = markdownTable(['', ''], known);
  return progress.steps ? `${table}\n\n${stepsTable(progress.steps)}` : table;
}

function stepsTable(steps: Readonly<Record<string, StepProgress>>): string {
  const rows = Object.entries(steps).map(([name, step]) => [
    name,
    step.state,
    step.rows?.toString() ?? '',
    code(step.executionId) ?? '',
    step.failure ? `${step.failure.type}: ${step.failure.message}` : '',
  ]);
  return markdownTable(['step', 'state', 'rows', 'execution', 'failure'], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

function code(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `\`${id}\``;
}
