import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFolder, stagedNames, type StagedNames } from '../../src/activities/staged-run.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import type { Staging } from '../../src/staging/staging.js';
import { tidyStaging, type TidyOptions } from '../../src/worker/tidy-staging.js';
import { filesBelow } from '../helpers/workplace.js';

let directory: string;
let staging: Staging;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-tidy-'));
  staging = await openLocalStaging(directory);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const OF_AN_EXPORT = ['rejects', 'facts', 'export', 'note'] as const;

async function stageRun(run: string, kinds: readonly (keyof StagedNames)[] = OF_AN_EXPORT) {
  const names = stagedNames(run, 'json');
  for (const kind of kinds) {
    const file = await staging.create(names[kind]);
    await file.write('[]');
    await file.commit();
  }
}

const LATER = () => new Date(Date.now() + 60_000);

function tidy(changes: Partial<TidyOptions> = {}) {
  const { signal } = new AbortController();
  return tidyStaging({ staging, before: LATER(), isNeeded: async () => false, signal, ...changes });
}

async function left(): Promise<string[]> {
  const paths = (await filesBelow(directory)).map((path) => path.slice(directory.length + 1));
  return paths.filter((path) => path !== 'id').toSorted();
}

const filesOf = (run: string) => OF_AN_EXPORT.map((kind) => stagedNames(run, 'json')[kind]).toSorted();

describe('what is old and not needed goes', () => {
  it('with its folder, whatever its id is made of, and what is needed stays', async () => {
    const odd = 'flow/a b%2E../é';
    for (const run of ['e1', 'needed', odd]) await stageRun(run);
    const asked: string[] = [];
    const isNeeded = async (run: string) => {
      asked.push(run);
      return run === 'needed';
    };
    expect(await tidy({ isNeeded })).toEqual({ removed: 2, needed: 1, unfinished: 0 });
    expect(asked.toSorted()).toEqual(['e1', 'needed', odd].toSorted());
    expect(await left()).toEqual(filesOf('needed'));
    expect(await tidy({ isNeeded })).toEqual({ removed: 0, needed: 1, unfinished: 0 });
  });

  it('with all that a `forEach` step has laid down there', async () => {
    const folder = runFolder('pipeline/p/k/scrape');
    for (const name of ['plan.json', 'task.json', 'values-1.jsonl', 'batch-12.json', 'manifest.jsonl']) {
      const file = await staging.create(`${folder}/${name}`);
      await file.commit();
    }
    expect(await tidy({ isNeeded: async () => true })).toEqual({ removed: 0, needed: 1, unfinished: 0 });
    expect(await tidy()).toEqual({ removed: 1, needed: 0, unfinished: 0 });
    expect(await left()).toEqual([]);
  });

  it('also where its attempt died half way', async () => {
    await stageRun('e1', ['rejects']);
    const file = await staging.create('e1/export.json');
    await file.write('[1');
    expect(await tidy()).toEqual({ removed: 1, needed: 0, unfinished: 1 });
    expect(await left()).toEqual([]);
    await file.abort();
  });

  it('also a document that nobody could read', async () => {
    await stageRun('e1', ['unread']);
    expect(await left()).toEqual(['e1/unread.json']);
    expect(await tidy()).toEqual({ removed: 1, needed: 0, unfinished: 0 });
    expect(await left()).toEqual([]);
  });

  it('but what was begun goes from a needed run too, and its results stay', async () => {
    await stageRun('e1');
    await staging.create('e1/export.json');
    expect(await tidy({ isNeeded: async () => true })).toEqual({ removed: 0, needed: 1, unfinished: 1 });
    expect(await left()).toEqual(filesOf('e1'));
  });
});

describe('what stays', () => {
  it('is what is young, of which nobody is asked', async () => {
    await stageRun('e1');
    const isNeeded = () => Promise.reject(new Error('asked'));
    const before = new Date(Date.now() - 60_000);
    expect(await tidy({ before, isNeeded })).toEqual({ removed: 0, needed: 0, unfinished: 0 });
    expect(await left()).toEqual(filesOf('e1'));
  });

  it('is what is not ours', async () => {
    for (const path of [
      'photos/a.jpg',
      'e1/notes.txt',
      'e2/deep/export.json',
      '%/export.json',
      'e3/.hidden',
      'top.json',
    ]) {
      await mkdir(join(directory, path, '..'), { recursive: true });
      await writeFile(join(directory, path), '');
    }
    await stageRun('e1');
    const before = await left();
    expect(await tidy()).toEqual({ removed: 0, needed: 0, unfinished: 0 });
    expect(await left()).toEqual(before);
  });

  it('is everything when nobody can tell what is needed', async () => {
    for (const run of ['e1', 'e2']) await stageRun(run);
    const isNeeded = () => Promise.reject(new Error('Temporal is away'));
    await expect(tidy({ isNeeded })).rejects.toThrow('Temporal is away');
    expect(await left()).toEqual([...filesOf('e1'), ...filesOf('e2')]);
  });

  it('is the rest when the worker is told to stop', async () => {
    for (const run of ['e1', 'e2', 'e3']) await stageRun(run);
    const stopped = new AbortController();
    const isNeeded = async () => {
      stopped.abort();
      return false;
    };
    expect(await tidy({ isNeeded, signal: stopped.signal })).toMatchObject({ removed: 1 });
    expect(await left()).toHaveLength(2 * filesOf('e1').length);
  });
});
