import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { GuardedProcess, GuardedProcessOptions } from '../../../src/dev/temporal/guarded-process.js';
import { startGuarded } from '../../../src/dev/temporal/guarded-process.js';
import type { Guardian } from './guardian.js';
import { createGuardian, PARENT_AND_CHILD, startGuardian } from './guardian.js';

const GONE = { timeout: 10_000, interval: 20 };

describe('a guarded process', () => {
  it('passes on lines and the exit code', async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    const program = startGuarded({ command: 'sh', args: ['-c', 'echo one; echo two >&2; exit 7'], onLine });
    expect(await program.exited).toBe(7);
    expect(lines.toSorted()).toEqual(['one', 'two']);
    expect(program.lastLines()).toEqual(lines);
  });

  it('says why a program cannot be started', async () => {
    const program = startGuarded({ command: '/nowhere/temporal', args: [] });
    expect(await program.exited).toBe(127);
    expect(program.lastLines().join()).toContain('/nowhere/temporal');
  });

  it('stops with all that it has started', async () => {
    const { program, pids } = await start({ command: 'sh', args: PARENT_AND_CHILD });
    expect(running(pids)).toEqual(pids);
    await program.stop();
    await expect.poll(() => running(pids), GONE).toEqual([]);
  });

  it('is killed if it does not heed SIGTERM', async () => {
    const args = ['-c', 'trap "" TERM; echo $$; while :; do sleep 60; done'];
    const { program, pids } = await start({ command: 'sh', args, graceMs: 200 });
    await program.stop();
    await expect.poll(() => running(pids), GONE).toEqual([]);
  });
});

describe('when the process that started it', () => {
  let script: Guardian;

  beforeAll(async () => {
    script = await createGuardian();
  });

  afterAll(async () => await script.remove());

  it.each(['SIGKILL', 'SIGABRT'] as const)('dies of %s, a guarded process ends too', async (signal) => {
    const { guardian, pids } = await startGuardian(script);
    expect(running(pids)).toEqual(pids);
    guardian.kill(signal);
    await expect.poll(() => running(pids), GONE).toEqual([]);
  });

  it('gets Ctrl-C in its terminal, a guarded process runs on until it is stopped', async () => {
    const { guardian, pids, lines } = await startGuardian(script);
    const nextLine = once(lines, 'line');
    // A terminal sends the signal to the whole foreground group.
    process.kill(-Number(guardian.pid), 'SIGINT');
    expect(await nextLine).toEqual(['the program still runs']);
    await expect.poll(() => running(pids), GONE).toEqual([]);
  });
});

/** Starts a program that prints process ids first of all. */
async function start(options: Omit<GuardedProcessOptions, 'onLine'>) {
  return await new Promise<{ program: GuardedProcess; pids: number[] }>((resolve) => {
    const program = startGuarded({
      ...options,
      onLine: (line) => resolve({ program, pids: line.split(' ').map(Number) }),
    });
  });
}

function running(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}
