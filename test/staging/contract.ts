import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StagedEntry, StagedWriter, Staging } from '../../src/staging/staging.js';

export interface StagingUnderTest {
  readonly staging: Staging;
  /** Address of what is staged under this name. */
  uriOf(name: string): string;
  /** The names of all that lies there, of what is unfinished too, whatever else the place keeps for itself. */
  names(): Promise<string[]>;
}

/** What every staging does. `open` makes a place that is empty, for each test anew. */
export function describeStaging(open: () => Promise<StagingUnderTest>): void {
  let place: StagingUnderTest;
  let staging: Staging;

  beforeEach(async () => {
    place = await open();
    ({ staging } = place);
  });

  const stageHere = (name: string, ...chunks: readonly (string | Buffer)[]) => stage(staging, name, ...chunks);
  const contentsHere = (name: string) => contents(staging, name);

  describe('writing a staged file', () => {
    it('gives it its name only when it is committed', async () => {
      const file = await staging.create('e1/export.json');
      await file.write('[1,');
      await expect(contentsHere('e1/export.json')).rejects.toMatchObject({ reason: 'missing' });
      await file.write(Buffer.from('2]'));
      await file.commit();
      expect(String(await contentsHere('e1/export.json'))).toBe('[1,2]');
      expect(await place.names()).toEqual(['e1/export.json']);
    });

    it.each(['', 'x', randomBytes(20_000_000)])('that is given up leaves nothing', async (chunk) => {
      const file = await staging.create('e1/export.json');
      await file.write(chunk);
      await file.abort();
      expect(await place.names()).toEqual([]);
      await expect(contentsHere('e1/export.json')).rejects.toMatchObject({ reason: 'missing' });
    });

    it('may be done by two at once: the last to commit has the name', async () => {
      const [one, other] = await Promise.all([staging.create('e1/a'), staging.create('e1/a')]);
      for (let turn = 0; turn < 10; turn += 1) await Promise.all([one.write('1'), other.write('22')]);
      expect(await other.commit()).toMatchObject({ bytes: 20 });
      expect(await one.commit()).toMatchObject({ bytes: 10 });
      expect(String(await contentsHere('e1/a'))).toBe('1'.repeat(10));
      expect(await place.names()).toEqual(['e1/a']);
    });
  });

  describe('a staged file', () => {
    it('is told by its address, its size in bytes and its hash', async () => {
      const chunks = ['[{"name":"é"},', '', Buffer.alloc(1_000_000, 0x20), ']'];
      const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
      expect(await stageHere('execution-1/export.json', ...chunks)).toStrictEqual({
        uri: place.uriOf('execution-1/export.json'),
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      expect(bytes.equals(await contentsHere('execution-1/export.json'))).toBe(true);
    });

    it('may be empty', async () => {
      expect(await stageHere('empty')).toMatchObject({ bytes: 0, sha256: createHash('sha256').digest('hex') });
      expect(await contentsHere('empty')).toHaveLength(0);
    });

    it('comes back byte by byte when it is larger than any buffer', async () => {
      const chunks = Array.from({ length: 350 }, () => randomBytes(100_003));
      const { bytes, sha256 } = await stageHere('large', ...chunks);
      expect(bytes).toBe(35_001_050);
      expect(
        createHash('sha256')
          .update(await contentsHere('large'))
          .digest('hex'),
      ).toBe(sha256);
    });

    it('may be left in the middle by its reader', async () => {
      await stageHere('large', randomBytes(10_000_000));
      for await (const chunk of staging.read('large')) {
        expect(chunk.length).toBeLessThanOrEqual(256 * 1024);
        break;
      }
      expect(await contentsHere('large')).toHaveLength(10_000_000);
    });

    it('stays when it is given up after its commit', async () => {
      const writer = await staging.create('export.json');
      await writer.commit();
      await writer.abort();
      expect(await place.names()).toEqual(['export.json']);
    });

    it('stays as it was while its successor is written, and then is replaced', async () => {
      await stageHere('export.json', 'old');
      const writer = await staging.create('export.json');
      await writer.write('new');
      expect(String(await contentsHere('export.json'))).toBe('old');
      await writer.commit();
      expect(String(await contentsHere('export.json'))).toBe('new');
    });

    it('that is not there is missing, by its name', async () => {
      await expect(contentsHere('gone/export.json')).rejects.toMatchObject({
        name: 'StagingError',
        reason: 'missing',
        message: expect.stringContaining('gone/export.json'),
      });
    });
  });

  describe('what is listed', () => {
    it('is all that lies in folders, of what is unfinished too, one folder after the other', async () => {
      const from = Date.now() - 2_000;
      for (const name of ['e1/a', 'e2/a', 'e1/b']) await stageHere(name, name);
      const unfinished = await beginLarge('e2/c');
      const entries = await listed();
      const finished = entries.filter(({ isFinished }) => isFinished).map(({ name }) => name);
      expect(finished.toSorted()).toEqual(['e1/a', 'e1/b', 'e2/a']);
      expect(Math.abs(finished.indexOf('e1/a') - finished.indexOf('e1/b'))).toBe(1);
      expect(entries.filter(({ isFinished }) => !isFinished).map(({ name }) => name)).toEqual(['e2/c']);
      for (const { changedAt } of entries) {
        expect(changedAt.getTime()).toBeGreaterThan(from);
        expect(changedAt.getTime()).toBeLessThan(Date.now() + 2_000);
      }
      await unfinished.abort();
    });

    it('can be removed, twice too, and what is unfinished with it', async () => {
      await stageHere('e1/a', '1');
      await stageHere('e1/b', '1');
      const unfinished = await beginLarge('e2/c');
      // A part that is under way when its upload is given up may still arrive: then it is listed, and removed, again.
      const namesAfterRemoval = async (): Promise<string[]> => {
        for (const entry of (await listed()).filter(({ name }) => name !== 'e1/b')) {
          await entry.remove();
          await entry.remove();
        }
        return place.names();
      };
      await expect.poll(namesAfterRemoval).toEqual(['e1/b']);
      await unfinished.abort();
      await stageHere('e1/a', '2');
      expect(String(await contentsHere('e1/a'))).toBe('2');
    });

    it('is nothing where nothing is', async () => {
      expect(await listed()).toEqual([]);
    });

    /** So much that there is something of it. */
    async function beginLarge(name: string): Promise<StagedWriter> {
      const file = await staging.create(name);
      await file.write(randomBytes(20_000_000));
      await expect.poll(() => place.names()).toContainEqual(expect.stringContaining(name));
      return file;
    }

    async function listed(): Promise<StagedEntry[]> {
      const entries: StagedEntry[] = [];
      for await (const entry of staging.list()) entries.push(entry);
      return entries;
    }
  });

  describe('the name of a staged file', () => {
    it.each(
      ['.', '..', '../x', 'a/..', 'a/../x', 'a/', 'a//b', '.x', 'a/.x', '/x', '/etc/x', '']
        .concat(['a\\b', 'a\nb', 'a\u0000', 'x'.repeat(201), 'id'])
        .map((name) => [name]),
    )('is refused when it is %j', async (name) => {
      const refused = {
        reason: 'unavailable',
        message: expect.stringContaining('cannot be the name of a staged file'),
      };
      await expect(staging.create(name)).rejects.toMatchObject(refused);
      await expect(contentsHere(name)).rejects.toMatchObject(refused);
      expect(await place.names()).toEqual([]);
    });

    it.each(['a/b/c.json', 'a..b', 'é 😀', 'a+b %20&?#', 'x'.repeat(200), 'a/id'])('may be %j', async (name) => {
      await stageHere(name, '1');
      expect(String(await contentsHere(name))).toBe('1');
    });
  });
}

export async function stage(staging: Staging, name: string, ...chunks: readonly (string | Buffer)[]) {
  const writer = await staging.create(name);
  for (const chunk of chunks) await writer.write(chunk);
  return writer.commit();
}

export async function contents(staging: Staging, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of staging.read(name)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
