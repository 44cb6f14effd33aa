import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** Tests, and what is built of them, run from the project's root. */
const CLI = resolve('dist/cli.js');

interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** Resolves when its output contains this. */
  says(text: string): Promise<void>;
  readonly ended: Promise<CliRun>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts the built command line, with nothing of our own environment but what programs need. */
export function startCli(args: readonly string[], { env = {}, cwd }: CliOptions = {}): RunningCli {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH, HOME, NO_COLOR: '1', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; done: () => void }[] = [];
  const heard = (): void => {
    for (const { text, done } of waiting) if ((stdout + stderr).includes(text)) done();
  };
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    stdout += data;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data;
    heard();
  });
  const ended = once(child, 'close').then(([code]): CliRun => ({ code: code as number | null, stdout, stderr }));
  return {
    child,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, done: resolve });
        void ended.then(() => reject(new Error(`ended without saying "${text}":\n${stdout}${stderr}`)));
        heard();
      }),
  };
}

export function runCli(args: readonly string[], options?: CliOptions): Promise<CliRun> {
  return startCli(args, options).ended;
}
