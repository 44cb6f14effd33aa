import type { ChaosReport } from './run-chaos.js';
import type { EndedRun } from './runs/end-of-run.js';

const ENDS = ['completed', 'properly', 'unknown', 'cancelled', 'terminated', 'timed out', 'failed', 'hung'] as const;

const MOST_LINES = 200;

/** Everything that is wrong, one line each. */
export function problemsIn({ books, complaints }: ChaosReport): string[] {
  return Object.entries({ ...books, complaints }).flatMap(([kind, found]: [string, readonly string[]]) =>
    found.map((what) => `${kind}: ${what}`),
  );
}

export function countOf(ended: readonly EndedRun[], end: EndedRun['end']): number {
  return ended.filter((run) => run.end === end).length;
}

export function showReport(report: ChaosReport): string {
  const { books, injected, ended, heldUp, billed } = report;
  const width = Math.max(...Object.keys(injected).map((name) => name.length));
  const counted = Object.entries(books).map(([kind, found]: [string, readonly string[]]) => `${kind} ${found.length}`);
  const otherwise = ended.filter(({ end }) => end === 'unknown' || end === 'properly' || end === 'timed out');
  return [
    'injected:',
    ...Object.entries(injected).map(([name, count]) => `  ${name.padEnd(width)} ${String(count).padStart(5)}`),
    `runs: ${ENDS.map((end) => `${countOf(ended, end)} ${end}`).join(', ')}; executions paid for: ${billed}`,
    `held up: ${heldUp.runs} plain runs took longer than their executions by ${seconds(heldUp.p50Ms)} (half), ` +
      `${seconds(heldUp.p95Ms)} (95 %), ${seconds(heldUp.maxMs)} (most)`,
    ...otherwise.map(({ wanted, end, reason }) => `${end}: ${wanted.workflowId} (${wanted.kind}): ${reason}`),
    `books: ${counted.join(', ')}`,
    ...problemsIn(report),
    ...ended.flatMap(({ excerpt }) => excerpt).slice(0, MOST_LINES),
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
