import { mkdir, rename, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheDirectory } from '../../src/dev/temporal/temporal-cache.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { must, run, type ProgramRun } from './run-program.js';

/** An example in some language, installed and built: runs it with these arguments. */
export type ClientProgram = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<ProgramRun>;

/** How each example is installed and built, as docs/clients.md says. What can be made again is kept in cache folders. */
export const CLIENT_PROGRAMS: Readonly<Record<string, () => Promise<ClientProgram>>> = {
  'temporal-cli': async () => {
    const { path } = await temporalBinary();
    const folder = join(CACHE, 'bin');
    const link = join(folder, `link-${crypto.randomUUID()}`);
    await mkdir(folder, { recursive: true });
    await symlink(path, link);
    await rename(link, join(folder, 'temporal'));
    const PATH = `${folder}:${process.env['PATH']}`;
    return (args, env) => run(example('temporal-cli/titanflow.sh'), args, { env: { ...env, PATH } });
  },
  python: async () => {
    const venv = join(CACHE, 'python');
    await must('python3', ['-m', 'venv', venv], { needed: 'Python 3.10 or newer with venv (Debian: python3-venv)' });
    await must(join(venv, 'bin/pip'), ['install', '--quiet', '-r', example('python/requirements.txt')]);
    return (args, env) => run(join(venv, 'bin/python'), [example('python/titanflow.py'), ...args], { env });
  },
  go: async () => {
    const binary = join(CACHE, 'go/titanflow');
    await must('go', ['build', '-C', example('go'), '-o', binary, '.'], { needed: 'Go 1.21 or newer' });
    return (args, env) => run(binary, args, { env });
  },
  typescript: async () => {
    await must(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', example('typescript')]);
    return (args, env) => run(process.execPath, [resolve('build/examples/titanflow.js'), ...args], { env });
  },
  java: async () => {
    const maven = ['-q', '-B', '-f', example('java')];
    await must('mvn', [...maven, 'compile'], { needed: 'Java 17 or newer and Maven (Debian: default-jdk maven)' });
    return (args, env) => run('mvn', [...maven, 'exec:java', `-Dexec.args=${args.join(' ')}`], { env });
  },
};

const CACHE = join(cacheDirectory(process.env, process.platform, homedir()), 'client-examples');

function example(path: string): string {
  return resolve('examples', path);
}
