import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { BatchCounts } from '../domain/progress.js';
import type { RequestBudget } from '../activities/await-execution.js';
import { describeBudget, type StepLine } from './describe-sighting.js';
import { secondsBetween } from './show-outcome.js';
import { shown } from '../printable.js';
import { fitForTerminal } from './terminal.js';

/** Where a run is shown while it goes on. */
export interface LiveView {
  readonly showsBudget: boolean;
  show(lines: readonly StepLine[], budget: RequestBudget | undefined): void;
  /** A word that stays. */
  say(text: string): void;
  /** Leaves what was shown last on the screen. */
  end(): void;
}

const SIGNS = {
  pending: pc.dim('·'),
  running: pc.cyan('▸'),
  completed: pc.green('✓'),
  failed: pc.red('✗'),
  cancelled: pc.yellow('■'),
  skipped: pc.dim('-'),
};

/** Redraws on a terminal; elsewhere prints a line whenever a step has news. */
export function createLiveView(stream: NodeJS.WriteStream): LiveView {
  return stream.isTTY ? redrawn(stream) : printed(stream);
}

function redrawn(stream: NodeJS.WriteStream): LiveView {
  const update = createLogUpdate(stream);
  return {
    showsBudget: true,
    show: (lines, budget) =>
      update(
        drawLines(shown(lines), stream.columns || 80, new Date(), budget)
          .map(fitForTerminal)
          .join('\n'),
      ),
    say: (text) => update.persist(fitForTerminal(text)),
    end: () => update.done(),
  };
}

const WIDE = 100;
const BAR = 20;
/** The sign, and the spaces around it and the name. */
const MARGIN = 6;

/** One line a step, and one for the budget: what is wider than the terminal is cut. */
export function drawLines(
  lines: readonly StepLine[],
  columns: number,
  now: Date,
  budget?: RequestBudget,
): readonly string[] {
  const width = Math.max(...lines.map((line) => line.name.length), 0);
  const drawn = lines.map((line) => {
    const bar = line.batches && columns >= WIDE ? `${barOf(line.batches)} ` : '';
    const after = line.state === 'running' ? timesOf(line, now, columns) : '';
    const room = Math.max(columns - width - MARGIN - bar.length - after.length, 0);
    const sign = line.isWarning === true ? pc.yellow('!') : SIGNS[line.state];
    return `  ${sign} ${line.name.padEnd(width)}  ${pc.cyan(bar)}${cut(line.text, room)}${pc.dim(after)}`;
  });
  return budget ? [...drawn, pc.dim(`  ${cut(describeBudget(budget), columns - 2)}`)] : drawn;
}

function barOf({ total, completed, failed }: BatchCounts): string {
  const done = total === 0 ? BAR : Math.floor(((completed + failed) / total) * BAR);
  return '█'.repeat(done) + '░'.repeat(BAR - done);
}

function timesOf({ startedAt, nextLookAt }: StepLine, now: Date, columns: number): string {
  const elapsed = secondsBetween(startedAt, now.toISOString());
  const ahead = Math.ceil((Date.parse(nextLookAt ?? '') - now.getTime()) / 1000);
  const look = columns >= WIDE && ahead > 0 ? `, looks again in ${ahead} s` : '';
  return elapsed === '' && look === '' ? '' : ` ${elapsed} s${look}`;
}

function cut(text: string, room: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > room ? `${line.slice(0, Math.max(room - 1, 0))}…` : line;
}

const BATCHES_EVERY_MS = 10_000;

function printed(stream: NodeJS.WriteStream): LiveView {
  const last = new Map<string, { readonly text: string; readonly at: number }>();
  return {
    showsBudget: false,
    show(lines) {
      for (const { name, text, batches } of lines) {
        const before = last.get(name);
        // A thousand batches need no thousand lines.
        const isTooSoon = batches !== undefined && Date.now() - (before?.at ?? 0) < BATCHES_EVERY_MS;
        if (before?.text === text || isTooSoon) continue;
        last.set(name, { text, at: Date.now() });
        stream.write(`${fitForTerminal(shown(`${name}: ${text}`))}\n`);
      }
    },
    say: (text) => void stream.write(`${fitForTerminal(text)}\n`),
    end() {},
  };
}
