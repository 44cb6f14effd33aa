import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.js';

/** `titanflow worker`, as an operator starts it; resolves when it works. */
export async function startWorkerProcess(settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
  const child = spawn(process.execPath, [cli, 'worker'], {
    env: { ...environment(), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('working')) return child;
  throw new Error('the worker did not start');
}

/** @returns how long it took to end, milliseconds */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
  const began = Date.now();
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return Date.now() - began;
}
