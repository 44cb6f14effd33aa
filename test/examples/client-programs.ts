import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cacheDirectory } from '../../src/dev/temporal/temporal-cache.js';
import { temporalBinary } from '../helpers/temporal-binary.js';

export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An example in some language, installed and built: runs it with these arguments. */
export type ClientProgram = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<ProgramRun>;

/** How each example is installed and built; what can be made again is kept in cache folders. */
export const CLIENT_PROGRAMS: Readonly<Record<string, () => Promise<ClientProgram>>> = {
  'temporal-cli': async () => {
    const { path } = await temporalBinary();
    const link = join(CACHE, 'bin');
    await must('sh', ['-c', 'mkdir -p "$1" && ln -sf "$2" "$1/temporal"', 'sh', link, path]);
    return (args, env) => run(example('temporal-cli/titanflow.sh'), args, { ...env, PATH: `${link}:${PATH}` });
  },
  python: async () => {
    const venv = join(CACHE, 'python');
    await must('python3', ['-m', 'venv', venv], 'Python 3.10 or newer with venv (Debian: python3-venv)');
    await must(join(venv, 'bin/pip'), ['install', '--quiet', '-r', example('python/requirements.txt')]);
    return (args, env) => run(join(venv, 'bin/python'), [example('python/titanflow.py'), ...args], env);
  },
  go: async () => {
    const binary = join(CACHE, 'go/titanflow');
    await must('go', ['build', '-C', example('go'), '-o', binary, '.'], 'Go 1.21 or newer (Debian: golang-go)');
    return (args, env) => run(binary, args, env);
  },
  typescript: async () => {
    await must(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', example('typescript')]);
    return (args, env) => run(process.execPath, [resolve('build/examples/titanflow.js'), ...args], env);
  },
  java: async () => {
    const maven = ['-q', '-B', '-Dstyle.color=never', '-f', example('java')];
    await must('mvn', [...maven, 'compile'], 'Java 17 or newer and Maven (Debian: default-jdk maven)');
    return (args, env) => run('mvn', [...maven, 'exec:java', `-Dexec.args=${args.join(' ')}`], env);
  },
};

const { PATH = '', HOME = homedir() } = process.env;
const CACHE = join(cacheDirectory(process.env, process.platform, homedir()), 'client-examples');

function example(path: string): string {
  return resolve('examples', path);
}

async function must(command: string, args: readonly string[], needed?: string): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, process.env);
  if (code === 0) return;
  const cure = needed === undefined ? '' : `; this example needs ${needed}`;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}${cure}\n${stdout}${stderr}`);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ProgramRun> {
  return new Promise((done) => {
    const options = { env: { HOME, PATH, ...env }, cwd: dirname(example('.')) };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}
