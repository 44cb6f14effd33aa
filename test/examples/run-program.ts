import { execFile } from 'node:child_process';

export interface ProgramRun {
  /** -1 where a signal ended it, or it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Besides what every program needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export function run(command: string, args: readonly string[], { env, cwd }: ProgramOptions = {}): Promise<ProgramRun> {
  return new Promise((done) => {
    const options = { env: { ...withoutTemporal(process.env), ...env }, ...(cwd === undefined ? {} : { cwd }) };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}

/** Runs a program that a test cannot do without. `needed` says what to install where it fails. */
export async function must(
  command: string,
  args: readonly string[],
  { needed, ...options }: ProgramOptions & { readonly needed?: string } = {},
): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return;
  const cure = needed === undefined ? '' : `; this needs ${needed}`;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}${cure}\n${stdout}${stderr}`);
}

/** Programs are told by the test which server to use, and nothing of the machine's own. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(TEMPORAL|TITAN)/.test(name)));
}
