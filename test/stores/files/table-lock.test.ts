import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockTable } from '../../../src/stores/files/table-lock.js';

describe('the lock of a table', () => {
  let folder: string;
  let lock: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'titanflow-lock-'));
    lock = join(folder, '_lock');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const { signal } = new AbortController();

  /** Leaves the lock as a holder with another pid would have. */
  const holdAs = async (pid: number): Promise<void> => {
    await (await lockTable(folder, signal)).release();
    const held = await lockTable(folder, signal);
    const holder = JSON.parse(await readFile(lock, 'utf8')) as object;
    await held.release();
    await writeFile(lock, JSON.stringify({ ...holder, pid, token: 'theirs' }));
  };

  it('goes to the next one at once when its holder was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    await holdAs(child.pid ?? 0);
    const impatient = AbortSignal.timeout(200);
    await expect(lockTable(folder, impatient)).rejects.toThrow('timeout');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const taken = await lockTable(folder, signal);
    await taken.requireHeld();
    await taken.release();
    await expect(stat(lock)).rejects.toThrow('ENOENT');
  });

  it('is taken from a holder elsewhere that has not stirred for a minute, who then notices', async () => {
    const held = await lockTable(folder, signal);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await utimes(lock, anHourAgo, anHourAgo);
    const taken = await lockTable(folder, signal);
    await expect(held.requireHeld()).rejects.toMatchObject({ name: 'StoreError', reason: 'unavailable' });
    await held.release();
    await taken.requireHeld();
    await taken.release();
  });

  it('is held by one at a time, even where many find it stale', async () => {
    await holdAs(2 ** 30);
    let inside = 0;
    let most = 0;
    const enter = async (): Promise<void> => {
      const held = await lockTable(folder, signal);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      await held.release();
    };
    await Promise.all(Array.from({ length: 8 }, enter));
    expect(most).toBe(1);
  });

  it('does not break for half a file, which may be a lock that is just being written', async () => {
    await writeFile(lock, '{"pid":');
    await expect(lockTable(folder, AbortSignal.timeout(200))).rejects.toThrow('timeout');
  });
});
