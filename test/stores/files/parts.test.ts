import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../src/stores/files/canonical-value.js';
import { fileFailure } from '../../../src/stores/files/file-failure.js';
import { runFileName, tableFolder } from '../../../src/stores/files/file-names.js';
import { createLineWriter, readLine } from '../../../src/stores/files/json-line.js';
import { lockTable } from '../../../src/stores/files/table-lock.js';

describe('the names of files', () => {
  it.each([
    ['0b7c2f9e-8d0f-4b1c-9b43-1f2a', '0b7c2f9e-8d0f-4b1c-9b43-1f2a'],
    ['pipeline/prices/2026-01-01/scrape', 'pipeline%2Fprices%2F2026-01-01%2Fscrape'],
    ['_manifest', '%5Fmanifest'],
    ['..', '%2E.'],
    ['100%', '100%25'],
    ['ü\n', '%C3%BC%0A'],
  ])('of the run %j begin with %s', (run, name) => {
    expect(runFileName(run)).toBe(name);
  });

  it('differ for different runs, however long, and fit a file system', () => {
    const long = 'step/'.repeat(200);
    expect(runFileName(`${long}a`)).not.toBe(runFileName(`${long}b`));
    expect(runFileName(long).length).toBeLessThanOrEqual(150);
    const runs = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 2, maxLength: 2 });
    fc.assert(fc.property(runs, ([a = '', b = '']) => runFileName(a) !== runFileName(b)));
  });

  it.each(['../x', 'a/b', 'a\\b', '..', '.x', '_x', '', ' ', 'a\0', 'x'.repeat(201)])(
    'of the table %j are refused',
    (table) => {
      expect(() => tableFolder('/data', table)).toThrow(expect.objectContaining({ reason: 'rejected' }));
    },
  );

  it('of a table are its own', () => {
    expect(tableFolder('/data', 'shop.prices')).toBe('/data/shop.prices');
  });
});

describe('a line', () => {
  it('gives back every cell as it was written', () => {
    const cell = fc.option(fc.json({ depthSize: 'medium' }), { nil: undefined });
    const cells = fc.dictionary(fc.string({ unit: 'binary' }), cell, { noNullPrototype: true });
    fc.assert(
      fc.property(cells, fc.string(), fc.nat(), (record, execution, row) => {
        const columns = Object.keys(record).map((name) => ({ name, type: 'jsonb' as const }));
        const line = createLineWriter(columns)({
          execution,
          row,
          at: '2026-01-01T00:00:00Z',
          cells: Object.values(record),
        });
        const expected = Object.entries(record).filter(([, raw]) => raw !== undefined);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect([...readLine(line.trimEnd()).cells].map(([name, raw]) => [name, raw])).toEqual(
          expected.map(([name, raw]) => [name, raw]),
        );
        expect(readLine(line).order).toEqual({ execution, row, at: '2026-01-01T00:00:00Z' });
      }),
    );
  });
});

describe('the canonical text of a value', () => {
  it.each([
    ['numeric', '1', '1.00', true],
    ['numeric', '10e-1', '1', true],
    ['numeric', '-0.0', '0', true],
    ['numeric', '100', '1E2', true],
    ['numeric', '9007199254740993', '9007199254740992', false],
    ['text', String.raw`"\u0041"`, '"A"', true],
    ['text', '"1"', '1', false],
    ['timestamptz', '"2026-01-01T00:00:00Z"', '"2026-01-01T02:00:00.000+02:00"', true],
    ['timestamptz', '"2026-01-01T00:00:00.1Z"', '"2026-01-01T00:00:00.100001Z"', false],
    ['text', '"2026-01-01T00:00:00Z"', '"2026-01-01T02:00:00+02:00"', false],
    ['boolean', 'true', 'false', false],
  ] as const)('of a %s tells %s and %s apart: the same is %s', (type, a, b, same) => {
    expect(canonicalValue(type, a) === canonicalValue(type, b)).toBe(same);
  });

  it('is none for null', () => {
    expect([canonicalValue('text', 'null'), canonicalValue('text', undefined)]).toEqual([undefined, undefined]);
  });
});

describe('a failed file operation', () => {
  it.each([
    ['ENOSPC', 'unavailable', '/data/t: no space is left on the disk (ENOSPC).'],
    ['EACCES', 'unavailable', '/data/t: this process may not write or read there (EACCES).'],
    ['EIO', 'unavailable', '/data/t: broken (EIO).'],
    ['ENOTDIR', 'rejected', '/data/t: a file stands where a folder should be (ENOTDIR).'],
  ])('with %s is %s', (code, reason, message) => {
    const error = Object.assign(new Error('broken'), { code, syscall: 'open', path: '/data/t' });
    expect(fileFailure(error)).toMatchObject({ name: 'StoreError', reason, message });
  });

  it('is told from any other error', () => {
    const error = new Error('mine');
    expect(fileFailure(error)).toBe(error);
  });
});

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
