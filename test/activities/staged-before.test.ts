import { mkdtemp, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStagedNote, type ExportOptions } from '../../src/activities/staged-before.js';
import { stagedNames, type StagedFacts } from '../../src/activities/staged-run.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import type { Staging } from '../../src/staging/staging.js';

const OPTIONS: ExportOptions = {
  format: 'json',
  schema: { type: 'object' },
  records: undefined,
  coerce: undefined,
  owner: 'prices',
};
const FACTS: StagedFacts = {
  profile: { records: 1, rejected: 0, columns: [], coerce: false, nested: [], isPlain: false },
  owner: 'prices',
  rowKeys: [],
};
const NAMES = stagedNames('e1', 'json');

describe('an export that is staged', () => {
  let directory: string;
  let staging: Staging;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'titanflow-staged-'));
    staging = await openLocalStaging(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const noteFor = (changes: Partial<ExportOptions> = {}) =>
    createStagedNote(staging, NAMES, { ...OPTIONS, ...changes });

  async function stage(): Promise<unknown> {
    const texts = { [NAMES.rejects]: '', [NAMES.facts]: JSON.stringify(FACTS), [NAMES.export]: '[1]' };
    for (const [name, text] of Object.entries(texts)) {
      const file = await staging.create(name);
      await file.write(text);
      await file.commit();
    }
    const sha256 = createHash('sha256').update('[1]').digest('hex');
    const staged = { export: { uri: 'file:///x', format: 'json', bytes: 3, records: 1, sha256 } as const, rejected: 0 };
    await noteFor().write(staged);
    return staged;
  }

  it('is found by who wants the same of it, and by nobody else', async () => {
    expect(await noteFor().find()).toBeUndefined();
    const staged = await stage();
    expect(await noteFor().find()).toEqual(staged);
    const others = [{ schema: { type: 'array' } }, { records: 'data' }, { coerce: true }, { owner: 'others' }];
    for (const other of others) expect(await noteFor(other).find()).toBeUndefined();
  });

  it('is read again as it was downloaded by who wants something else of it', async () => {
    const found = async (): Promise<string | undefined> => {
      const chunks = await noteFor({ coerce: true }).document();
      return chunks && (await text(chunks));
    };
    expect(await found()).toBeUndefined();
    await stage();
    expect(await found()).toBe('[1]');
    await noteFor({ coerce: true }).withdraw();
    expect(await found()).toBe('[1]');
    await writeFile(join(directory, NAMES.export), '[2]');
    expect(await found()).toBeUndefined();
  });

  it('is not found from when it is being replaced until that is done', async () => {
    await noteFor().withdraw();
    await stage();
    await noteFor({ coerce: true }).withdraw();
    expect(await noteFor().find()).toBeUndefined();
    expect(await noteFor({ coerce: true }).find()).toBeUndefined();
    const staged = await stage();
    expect(await noteFor().find()).toEqual(staged);
  });

  it.each([NAMES.export, NAMES.facts, NAMES.rejects, NAMES.note])('is not found without %s', async (name) => {
    await stage();
    await unlink(join(directory, name));
    expect(await noteFor().find()).toBeUndefined();
  });

  it.each([NAMES.export, NAMES.facts, NAMES.note])('is not found where %s is damaged', async (name) => {
    await stage();
    await truncate(join(directory, name), 2);
    expect(await noteFor().find()).toBeUndefined();
    await writeFile(join(directory, name), '[2]');
    expect(await noteFor().find()).toBeUndefined();
  });
});
