import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import type { Staging } from '../../src/staging/staging.js';

let directory: string;
let staging: Staging;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-staging-'));
  staging = await openLocalStaging(directory);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function stage(name: string, ...chunks: readonly (string | Buffer)[]) {
  const writer = await staging.create(name);
  for (const chunk of chunks) await writer.write(chunk);
  return writer.commit();
}

async function contents(name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of staging.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('writing a staged file', () => {
  it('has its name only when it is committed, with its hash and size', async () => {
    const file = await staging.create('e1/export.json');
    await file.write('[1,');
    await expect(contents('e1/export.json')).rejects.toMatchObject({ reason: 'missing' });
    await file.write(Buffer.from('2]'));
    const { uri, bytes, sha256 } = await file.commit();
    expect(await readFile(new URL(uri), 'utf8')).toBe('[1,2]');
    expect({ bytes, sha256 }).toEqual({ bytes: 5, sha256: createHash('sha256').update('[1,2]').digest('hex') });
    expect(await readdir(join(directory, 'e1'))).toEqual(['export.json']);
  });

  it('that is given up leaves nothing', async () => {
    const file = await staging.create('e1/export.json');
    await file.write('x');
    await file.abort();
    expect(await readdir(join(directory, 'e1'))).toEqual([]);
  });

  it('may be written by two at once: the last to commit has the name', async () => {
    const [one, two] = await Promise.all([staging.create('e1/a'), staging.create('e1/a')]);
    await Promise.all([one.write('one'), two.write('two')]);
    await one.commit();
    await two.commit();
    expect(String(await contents('e1/a'))).toBe('two');
  });

  it.each(['../x', '/x', 'a//b', '.x', 'a/..', 'a\\b', 'a\u0000', ''])('cannot be named %j', async (name) => {
    await expect(staging.create(name)).rejects.toThrow('cannot be the name of a staged file');
  });
});

describe('the id of a staging directory', () => {
  it('is the same for all who open it', async () => {
    const fresh = join(directory, 'fresh');
    const ids = await Promise.all([1, 2, 3].map(async () => (await openLocalStaging(fresh)).id));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('a staged file', () => {
  it('is told by its address, its size in bytes and its hash', async () => {
    const chunks = ['[{"name":"é"},', '', Buffer.alloc(1_000_000, 0x20), ']'];
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
    expect(await stage('execution-1/export.json', ...chunks)).toStrictEqual({
      uri: pathToFileURL(join(directory, 'execution-1', 'export.json')).href,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(bytes.equals(await contents('execution-1/export.json'))).toBe(true);
  });

  it('may be empty', async () => {
    expect(await stage('empty')).toMatchObject({ bytes: 0, sha256: createHash('sha256').digest('hex') });
    expect(await contents('empty')).toHaveLength(0);
  });

  it('stays when it is given up after its commit', async () => {
    const writer = await staging.create('export.json');
    await writer.commit();
    await writer.abort();
    expect((await readdir(directory)).toSorted()).toStrictEqual(['export.json', 'id']);
  });

  it('stays as it was while its successor is written, and then is replaced', async () => {
    await stage('export.json', 'old');
    const writer = await staging.create('export.json');
    await writer.write('new');
    expect(String(await contents('export.json'))).toBe('old');
    await writer.commit();
    expect(String(await contents('export.json'))).toBe('new');
  });

  it('is whole when two write it piece by piece at once', async () => {
    const [one, other] = await Promise.all([staging.create('export.json'), staging.create('export.json')]);
    for (let turn = 0; turn < 10; turn += 1) await Promise.all([one.write('1'), other.write('22')]);
    expect(await other.commit()).toMatchObject({ bytes: 20 });
    expect(await one.commit()).toMatchObject({ bytes: 10 });
    expect(String(await contents('export.json'))).toBe('1'.repeat(10));
    expect((await readdir(directory)).toSorted()).toStrictEqual(['export.json', 'id']);
  });

  it('cannot be where another file is in the way', async () => {
    await stage('a', 'file');
    await expect(staging.create('a/b')).rejects.toMatchObject({ name: 'StagingError', reason: 'unavailable' });
  });

  it('that is not there is missing, by its name', async () => {
    await expect(contents('gone/export.json')).rejects.toMatchObject({
      reason: 'missing',
      message: expect.stringContaining(join(directory, 'gone', 'export.json')),
      cause: { code: 'ENOENT' },
    });
  });
});

describe('the name of a staged file', () => {
  it.each(['.', '..', 'a/../x', 'a/', 'a/.x', '/etc/x', 'a\nb', 'x'.repeat(201), 'id'])(
    'is refused when it is %j',
    async (name) => {
      await expect(staging.create(name)).rejects.toMatchObject({ reason: 'unavailable' });
      await expect(contents(name)).rejects.toMatchObject({ reason: 'unavailable' });
      expect(await readdir(directory)).toStrictEqual(['id']);
    },
  );

  it.each(['a/b/c.json', 'a..b', 'é 😀', 'x'.repeat(200), 'a/id'])('may be %j', async (name) => {
    await stage(name, '1');
    expect(String(await contents(name))).toBe('1');
  });
});

describe('a staging directory', () => {
  it('keeps its id and its files when it is opened again', async () => {
    await stage('a', '1');
    const { id } = staging;
    staging = await openLocalStaging(directory);
    expect(staging.id).toBe(id);
    expect(String(await contents('a'))).toBe('1');
  });

  it('cannot be a file', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    await expect(openLocalStaging(path)).rejects.toMatchObject({ reason: 'unavailable' });
    await expect(openLocalStaging(join(path, 'below'))).rejects.toMatchObject({ reason: 'unavailable' });
  });
});
