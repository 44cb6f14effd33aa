import { passedOverWords, rowsWords, spentWords, warnings } from './ending-words.js';
import { code, markdownTable } from './markdown-table.js';
import { sentenceOf } from './sentence-and-list.js';
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
    ['of them', progress.tally && (rowsWords(progress.tally) || undefined)],
    ['paid for', progress.tally && (spentWords(progress.tally) || undefined)],
    ['passed over', progress.passedOver && passedOverWords(progress.passedOver)],
    ['batches', progress.batches && batchesText(progress.batches)],
    ['paused since', progress.pausedSince],
    ['followed by', codeOf(progress.followId)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  const table = markdownTable(['', ''], known);
  const parts = [
    table,
    ...(progress.tally ? warnings(progress.tally).map((text) => `**!** ${text}`) : []),
    ...(progress.steps ? [stepsTable(progress.steps)] : []),
    ...(progress.sweep ? [sweepMarkdown(progress.sweep)] : []),
  ];
  return parts.join('\n\n');
}

/** More steps make a page of the Web UI slow, and all are written anew whenever one of them changes. */
const MOST_SHOWN = 100;
/** The states of steps that somebody wants to see first. */
const FIRST: ReadonlySet<StepProgress['state']> = new Set(['failed', 'running']);

function stepsTable(steps: Readonly<Record<string, StepProgress>>): string {
  const all = Object.entries(steps);
  const [shown, left] = all.length > MOST_SHOWN ? mostTelling(all) : [all, []];
  const rows = shown.map(([name, step]) => [
    name,
    step.kept === true ? 'kept' : step.state,
    rowsOf(step),
    whatRan(step),
    whyOf(step),
  ]);
  const table = markdownTable(['step', 'state', 'rows', 'ran', 'why'], rows);
  return left.length === 0 ? table : `${table}\n\n${restText(left)}`;
}

function rowsOf({ rows, tally }: StepProgress): string {
  if (rows === undefined) return '';
  const words = tally === undefined ? '' : rowsWords(tally);
  return words === '' ? String(rows) : `${rows} (${words})`;
}

/** Of a failure only the sentence: the list after it does not fit into a cell, and stands in the failure itself. */
function whyOf({ failure, why, tally }: StepProgress): string {
  if (failure) return `${failure.type}: ${sentenceOf(failure.message)}`;
  return why ?? (tally ? warnings(tally).join('; ') : '');
}

type NamedStep = readonly [name: string, step: StepProgress];

/** @returns those that are shown, in the pipeline's order, and the others */
function mostTelling(all: readonly NamedStep[]): readonly [readonly NamedStep[], readonly NamedStep[]] {
  const isFirst = ([, { state }]: NamedStep): boolean => FIRST.has(state);
  const wanted = new Set([...all.filter(isFirst), ...all.filter((step) => !isFirst(step))].slice(0, MOST_SHOWN));
  return [all.filter((step) => wanted.has(step)), all.filter((step) => !wanted.has(step))];
}

function restText(left: readonly NamedStep[]): string {
  const counts = new Map<string, number>();
  for (const [, { state }] of left) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
  return `and ${left.length} more steps (${states}): the query \`progress\` and \`titanflow status\` show them all`;
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
