import Table from 'cli-table3';
import pc from 'picocolors';
import type { StepProgress } from '../domain/progress.js';
import type { SweepResult } from '../domain/orphans.js';
import { endingWords, rowsWords } from '../domain/ending-words.js';
import type { StepResult } from '../domain/pipeline.js';
import type { PublishReceipt } from '../domain/run.js';
import { linesOf } from '../domain/sentence-and-list.js';
import { isPipelineResult, publishedBy, rowsIn } from '../domain/step-result.js';
import { runOf, tallyOf, tallyOfReceipt, type Tally } from '../domain/tally.js';
import { isHeldByGate, nextCommands } from './next-commands.js';
import type { Outcome } from './outcome.js';
import { shown } from '../printable.js';

/** How a workflow ended, and what else is known of it. */
export interface Ended {
  readonly workflowId: string;
  readonly outcome: Outcome;
  /** As last seen: when each step started and ended. */
  readonly steps?: Readonly<Record<string, StepProgress>>;
  /** Whether it published what a gate had held. */
  readonly isReleased?: boolean;
  /** Whether the Temporal server ends with the command: then no other command finds the workflow. */
  readonly endsHere?: boolean;
}

/** The last words about a workflow: a table of its runs with all that was lost on the way, or why it failed and what is left. */
export function showOutcome({
  workflowId,
  outcome: ended,
  steps = {},
  isReleased = false,
  endsHere = false,
}: Ended): string {
  const outcome = shown(ended);
  switch (outcome.kind) {
    case 'completed':
      return [runsTable(outcome.runs, shown(steps)), ...lastWords(outcome.runs, isReleased)].join('\n');
    case 'swept':
      return sweepTable(outcome.sweep);
    case 'failed':
      return [...failureLines(outcome, messageLines(ended)), ...commandLines(workflowId, outcome, endsHere)].join('\n');
    case 'cancelled':
    case 'terminated':
      return `${shown(workflowId)} was ${outcome.kind}`;
  }
}

/** A refused input has a line for each problem, a failure with many reasons one for each of the first of them. */
function messageLines(outcome: Outcome): readonly string[] {
  if (outcome.kind !== 'failed') return [];
  if (outcome.type !== 'InvalidInput') return linesOf(outcome.message);
  const lines = outcome.message.split('\n');
  const told = lines.slice(0, MOST_PROBLEMS);
  return [...told, ...(lines.length > told.length ? [`and ${lines.length - told.length} more`] : [])];
}

const MOST_PROBLEMS = 10;

/** Seconds between two times, as `3.2`; nothing if one is not known. */
export function secondsBetween(start: string | undefined, end: string | undefined): string {
  if (start === undefined || end === undefined) return '';
  return ((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1);
}

const WIDEST_WORDS = 24;

function runsTable(runs: Readonly<Record<string, StepResult>>, steps: Readonly<Record<string, StepProgress>>): string {
  const table = new Table({
    head: ['step', 'status', 'rows', 'of them', 'seconds', 'published to'],
    colAligns: ['left', 'left', 'right', 'left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const [name, run] of Object.entries(runs)) {
    const seconds = secondsBetween(steps[name]?.startedAt, steps[name]?.endedAt);
    const [first = { target: '', words: rowsWords(tallyOf(run)) }, ...others] = publications(run);
    const status = 'status' in run ? run.status : 'completed';
    table.push([name, status, rowsIn(run), wrapped(first.words), seconds, first.target]);
    for (const { target, words } of others) table.push(['', '', '', wrapped(words), '', target]);
  }
  return table.toString();
}

/** Of a pipeline within a pipeline the targets are told, and its rows together. */
function publications(run: StepResult): readonly { readonly target: string; readonly words: string }[] {
  const target = ({ store, table, mode }: PublishReceipt): string => `${store}/${table} (${mode})`;
  if (isPipelineResult(run)) {
    const targets = publishedBy(run).map(target);
    return targets.length === 0 ? [] : [{ target: targets.join('\n'), words: rowsWords(tallyOf(run)) }];
  }
  return run.published.map((receipt) => ({
    target: target(receipt),
    words: rowsWords(tallyOfReceipt(receipt, runOf(run))),
  }));
}

/** Breaks a list of words at its commas. */
function wrapped(words: string): string {
  const lines: string[] = [];
  for (const part of words.split(', ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 2 <= WIDEST_WORDS)
      lines[lines.length - 1] = `${last}, ${part}`;
    else lines.push(part);
  }
  return lines.join(',\n');
}

function lastWords(runs: Readonly<Record<string, StepResult>>, isReleased: boolean): readonly string[] {
  const tallies = Object.entries(runs).map(([name, run]): [string, Tally] => [name, tallyOf(run)]);
  const words = endingWords(Object.fromEntries(tallies), isReleased);
  const sign = words.isWarning ? pc.yellow('!') : pc.green('✓');
  return words.lines.map((line, at) => (at === 0 ? `${sign} ${line}` : `  ${line}`));
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

function failureLines(outcome: Extract<Outcome, { kind: 'failed' }>, message: readonly string[]): string[] {
  const { type, details } = outcome;
  const { export: ref, rejected = 0 } = details;
  const left = [
    ['execution', details.executionId],
    ['task', details.taskId],
    [
      'staged export',
      ref && `${ref.uri} (${ref.records} records${rejected === 0 ? '' : `, ${rejected} of them rejected`})`,
    ],
    ...(details.published ?? []).map((receipt) => [
      'published',
      `${receipt.rows} rows to ${receipt.store}/${receipt.table}`,
    ]),
  ];
  const [sentence = '', ...list] = message;
  return [
    ...(isHeldByGate(outcome) ? [pc.yellow('! held by a gate: nothing of it was published')] : []),
    pc.red(`${type}: ${shown(sentence)}`),
    ...list.map((line) => pc.red(`  ${shown(line)}`)),
    ...left.flatMap(([name, value]) => (value === undefined ? [] : [pc.dim(`  ${name}: ${value}`)])),
  ];
}

function commandLines(workflowId: string, outcome: Exclude<Outcome, { kind: 'swept' }>, endsHere: boolean): string[] {
  if (endsHere)
    return [
      '  this Temporal server ends here: for retry and release, start `titanflow dev` without a file, and `titanflow run` it',
    ];
  return nextCommands(workflowId, outcome).map(({ does, command }) => `  ${does}: ${shown(command)}`);
}
