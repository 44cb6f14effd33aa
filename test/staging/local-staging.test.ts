import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import { filesBelow } from '../helpers/workplace.js';
import { contents, describeStaging, stage } from './contract.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-staging-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describeStaging(async () => ({
  staging: await openLocalStaging(directory),
  uriOf: (name) => pathToFileURL(join(directory, name)).href,
  async names() {
    const paths = (await filesBelow(directory)).map((path) => relative(directory, path));
    return paths.filter((path) => path !== 'id').toSorted();
  },
}));

describe('the id of a staging directory', () => {
  it('is the same for all who open it', async () => {
    const fresh = join(directory, 'fresh');
    const ids = await Promise.all([1, 2, 3].map(async () => (await openLocalStaging(fresh)).id));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('a staging directory', () => {
  it('keeps its id and its files when it is opened again', async () => {
    const staging = await openLocalStaging(directory);
    await stage(staging, 'a', '1');
    const again = await openLocalStaging(directory);
    expect(again.id).toBe(staging.id);
    expect(String(await contents(again, 'a'))).toBe('1');
  });

  it('cannot be a file', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    await expect(openLocalStaging(path)).rejects.toMatchObject({ reason: 'unavailable' });
    await expect(openLocalStaging(join(path, 'below'))).rejects.toMatchObject({ reason: 'unavailable' });
  });

  it('takes no file where another one is in the way', async () => {
    const staging = await openLocalStaging(directory);
    await stage(staging, 'a', 'file');
    await expect(staging.create('a/b')).rejects.toMatchObject({ name: 'StagingError', reason: 'unavailable' });
  });
});
