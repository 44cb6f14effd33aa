import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function read(name: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of staging.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a staged file', () => {
  it('has its name only when it is committed, with its hash and size', async () => {
    const file = await staging.create('e1/export.json');
    await file.write('[1,');
    await expect(read('e1/export.json')).rejects.toMatchObject({ reason: 'missing' });
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
    expect(await read('e1/a')).toBe('two');
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
