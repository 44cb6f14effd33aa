import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const KEPT_LINES = 30;

/**
 * Stands between us and the program, in a session of its own: Ctrl-C in the terminal does not reach it, and when the
 * pipe on its standard input closes, because we stop it or because we are gone (kill -9 too), it ends the program and
 * all that the program started. Plain Node, as a text, because it must run from `src` under Vitest and from `dist`.
 */
const GUARD = `
const [graceMs, command, ...args] = process.argv.slice(1);
const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
let stopping = false;
const signal = (name) => {
  if (process.platform === 'win32') child.kill(name);
  else process.kill(-process.pid, name);
};
const stop = () => {
  if (stopping) return;
  stopping = true;
  signal('SIGTERM');
  setTimeout(() => signal('SIGKILL'), Number(graceMs));
};
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, stop);
process.stdin.on('end', stop).on('error', stop).resume();
child.on('error', (error) => { console.error(error.message); process.exit(127); });
child.on('exit', (code) => {
  if (stopping) signal('SIGKILL');
  process.exit(code ?? 1);
});
`;

export interface GuardedProcess {
  /** Settles when the program is gone and all its lines were read: its exit code, null if it was killed. */
  readonly exited: Promise<number | null>;
  /** The newest lines of its output, for error messages. */
  lastLines(): readonly string[];
  /** SIGTERM, then SIGKILL after the grace time; resolves when the program is gone. */
  stop(): Promise<void>;
}

export interface GuardedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Default: our own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  /** Told every line of its standard output and error. */
  readonly onLine?: (line: string) => void;
}

/** Starts a program that does not outlive this process, and that only `stop` or our own end stops. */
export function startGuarded(options: GuardedProcessOptions): GuardedProcess {
  const { command, args, env, graceMs = 5000, onLine } = options;
  const kept: string[] = [];
  const guard = spawn(process.execPath, ['-e', GUARD, String(graceMs), command, ...args], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(env && { env }),
  });
  // Writing is never tried; the pipe may still report that the guard is gone.
  guard.stdin.on('error', () => undefined);
  const keep = (line: string): void => {
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
    onLine?.(line);
  };
  readLines(guard.stdout, keep);
  readLines(guard.stderr, keep);

  const exited = once(guard, 'close').then(([code]: (number | null)[]) => code ?? null);
  return {
    exited,
    lastLines: () => kept,
    async stop() {
      guard.stdin.end();
      await exited;
    },
  };
}

/** Runs a program to its end, or stops it when the signal fires. */
export async function runGuarded(
  options: GuardedProcessOptions,
  signal?: AbortSignal,
): Promise<{ readonly code: number | null; readonly lastLines: readonly string[] }> {
  signal?.throwIfAborted();
  const program = startGuarded(options);
  const stop = (): void => void program.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const code = await program.exited;
  signal?.removeEventListener('abort', stop);
  return { code, lastLines: program.lastLines() };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
