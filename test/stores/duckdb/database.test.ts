import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/stores/duckdb/database.js';

describe('a database file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'titanflow-duckdb-'));
    path = join(folder, 'mart.duckdb');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const { signal } = new AbortController();

  /** Another process that has the file open until it is killed. */
  const hold = async (): Promise<ChildProcess> => {
    const script = `
      import { DuckDBInstance } from '@duckdb/node-api';
      await DuckDBInstance.create(${JSON.stringify(path)});
      console.log('open');
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(child.stdout, 'data');
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  it('that another process has open is waited for, in a check and in a load', async () => {
    const holder = await hold();
    const database = openDatabase(path);
    const opened = Promise.all([
      database.read((session) => session.query('SELECT 1 AS one')),
      database.change((session) => session.query('CREATE TABLE t (a INTEGER)'), signal),
    ]);
    const settled = await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))]);
    expect(settled).toBe('waiting');
    await kill(holder);
    expect((await opened)[0]).toEqual([{ one: 1 }]);
  });

  it('that stays open elsewhere is unavailable, with who has it; a wait for it can be aborted', async () => {
    const holder = await hold();
    const impatient = openDatabase(path, 200);
    await expect(impatient.read(() => Promise.resolve())).rejects.toMatchObject({
      name: 'StoreError',
      reason: 'unavailable',
      message: expect.stringMatching(
        new RegExp(`^DuckDB at ${path}: \\S*node \\(process ${holder.pid}\\) has had the file open for 0\\.2 seconds;`),
      ),
    });
    const abort = new AbortController();
    const waiting = openDatabase(path).change(() => Promise.resolve(), abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await kill(holder);
  });

  it('is one for all who come to it in this process, by whatever path, and is closed after the last of them', async () => {
    await openDatabase(path).change((session) => session.query('CREATE TABLE t (a INTEGER)'), signal);
    const link = join(folder, 'link.duckdb');
    await symlink(path, link);
    const databases = [openDatabase(path), openDatabase(link), openDatabase(join(folder, '.', 'mart.duckdb'))];
    const changes = databases.flatMap((database, at) => [
      database.change((session) => session.query(`INSERT INTO t VALUES (${at})`), signal),
      database.read((session) => session.query('FROM t')),
    ]);
    await Promise.all(changes);
    expect(await databases[1]?.read((session) => session.query('SELECT count(*)::INTEGER AS rows FROM t'))).toEqual([
      { rows: 3 },
    ]);
    expect(await readdir(folder)).toEqual(['link.duckdb', 'mart.duckdb']);
    await kill(await hold());
  });

  it('is left as it was by a transaction that fails or is aborted, even in the middle of a statement', async () => {
    const database = openDatabase(path);
    await database.change((session) => session.query('CREATE TABLE t (a INTEGER)'), signal);
    const failing = database.change(
      (session) =>
        session.transaction(async () => {
          await session.query('INSERT INTO t VALUES (1)');
          throw new Error('half way');
        }),
      signal,
    );
    await expect(failing).rejects.toThrow('half way');
    const endless = database.change(
      (session) => session.transaction(() => session.query('INSERT INTO t SELECT a.i FROM range(1e9::BIGINT) a(i)')),
      AbortSignal.timeout(200),
    );
    await expect(endless).rejects.toThrow('timeout');
    expect(await readdir(folder)).toEqual(['mart.duckdb']);
    expect(await database.read((session) => session.query('FROM t'))).toEqual([]);
  });

  it('takes away what a killed process left beside it', async () => {
    await mkdir(`${path}.loading`);
    await writeFile(join(`${path}.loading`, 'left.jsonl'), 'x');
    await openDatabase(path).change((session) => session.query('SELECT 1'), signal);
    expect(await readdir(folder)).toEqual(['mart.duckdb']);
  });

  it('is made with the folders that it is in, and says what is wrong with its place', async () => {
    const deep = openDatabase(join(folder, 'a', 'b', 'mart.duckdb'));
    expect(await deep.exists()).toBe(false);
    await deep.change((session) => session.query('SELECT 1'), signal);
    expect(await deep.exists()).toBe(true);
    await writeFile(path, 'this is no database, but it is long enough to be taken for one'.repeat(1000));
    const refusal = (place: string, reason: string, message: RegExp) =>
      expect(openDatabase(place).change(() => Promise.resolve(), signal)).rejects.toMatchObject({
        name: 'StoreError',
        reason,
        message: expect.stringMatching(message),
      });
    await refusal(path, 'setup', /^DuckDB at .*mart\.duckdb: IO Error: .*not a valid DuckDB database file/);
    await refusal(folder, 'setup', /^DuckDB at .*: IO Error: .*Is a directory/);
    await refusal(join(path, 'x.duckdb'), 'setup', /a file stands where a folder should be/);
  });
});
