import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { environment } from '../src/config.js';

/** `titanflow worker`, as an operator starts it; resolves when it works. */
export async function startWorkerProcess(settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [resolve('dist/cli.js'), 'worker'], {
    env: { ...environment(), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (!line.includes('working')) continue;
    child.stderr.resume();
    return child;
  }
  throw new Error(`the worker did not start: ${said.join('\n')}`);
}

/** @returns how long it took to end, milliseconds */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
  const began = Date.now();
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return Date.now() - began;
}
