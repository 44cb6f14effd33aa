import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Shell arguments: prints its process id and that of a program which it started, then waits. */
export const PARENT_AND_CHILD = ['-c', 'sleep 60 & echo $$ $!; wait'] as const;

/** A process that uses our code from outside this one, so that it can be killed. */
export interface Guardian {
  readonly script: string;
  remove(): Promise<void>;
}

/** Compiles the guard into a program that guards PARENT_AND_CHILD and prints its line. On SIGINT it looks, then stops it. */
export async function createGuardian(): Promise<Guardian> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-test-'));
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { rootDir: ROOT, outDir: directory, typeRoots: [join(ROOT, 'node_modules/@types')] },
    files: [join(ROOT, 'src/dev/temporal/guarded-process.ts')],
    include: [],
  };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory]);
  const script = join(directory, 'guardian.js');
  await writeFile(
    script,
    `import { startGuarded } from './src/dev/temporal/guarded-process.js';
     let pids;
     const onLine = (line) => { pids = line.split(' '); console.log(line); };
     const program = startGuarded({ command: 'sh', args: ${JSON.stringify(PARENT_AND_CHILD)}, onLine });
     process.on('SIGINT', async () => {
       for (const pid of pids) process.kill(pid, 0);
       console.log('the program still runs');
       await program.stop();
     });`,
  );
  return { script, remove: async () => await rm(directory, { recursive: true, force: true }) };
}

/** Starts it in a process group of its own; `pids` are those of the guarded program. */
export async function startGuardian({ script }: Guardian) {
  const guardian = spawn(process.execPath, [script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void guardian.kill('SIGKILL'));
  const lines = createInterface({ input: guardian.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { guardian, lines, pids: line.split(' ').map(Number) };
}
