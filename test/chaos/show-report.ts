import type { ChaosReport } from './run-chaos.js';

/** Everything that is wrong, one line each. */
export function problemsIn({ books }: ChaosReport): string[] {
  return Object.entries(books).flatMap(([kind, found]: [string, readonly string[]]) =>
    found.map((what) => `${kind}: ${what}`),
  );
}

export function showReport(report: ChaosReport): string {
  const { books, ends, faults, billed, kills, cancels, terminations, pauses } = report;
  const injected = { ...faults, 'kill -9 of a worker': kills, cancel: cancels, terminate: terminations, pause: pauses };
  return [
    'injected:',
    ...Object.entries(injected).map(([kind, count]) => `  ${kind.padEnd(20)} ${String(count).padStart(5)}`),
    `runs: ${ends.completed} completed, ${ends.cancelled} cancelled, ${ends.terminated} terminated, ${ends.failed} failed; executions paid for: ${billed}`,
    `duplicate paid runs: ${books.duplicates.length}, lost runs: ${books.lost.length}, ` +
      `live executions alone: ${books.alone.length}, executions with missing or double rows: ${books.wrongRows.length}`,
    ...problemsIn(report),
  ].join('\n');
}
