import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { StepLine } from './describe-sighting.js';
import { secondsBetween } from './show-outcome.js';

/** Where a run is shown while it goes on. */
export interface LiveView {
  show(lines: readonly StepLine[]): void;
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
    show(lines) {
      const width = Math.max(...lines.map((line) => line.name.length), 0);
      update(
        lines
          .map((line) => `  ${SIGNS[line.state]} ${line.name.padEnd(width)}  ${line.text}${elapsed(line)}`)
          .join('\n'),
      );
    },
    end: () => update.done(),
  };
}

function elapsed({ state, startedAt }: StepLine): string {
  return state === 'running' ? pc.dim(` ${secondsBetween(startedAt, new Date().toISOString())} s`) : '';
}

function printed(stream: NodeJS.WriteStream): LiveView {
  const last = new Map<string, string>();
  return {
    show(lines) {
      for (const { name, text } of lines) {
        if (last.get(name) === text) continue;
        last.set(name, text);
        stream.write(`${name}: ${text}\n`);
      }
    },
    end() {},
  };
}
