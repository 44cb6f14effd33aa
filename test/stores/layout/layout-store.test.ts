import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileFormat } from '../../../src/domain/store-config.js';
import { openFolderPlace } from '../../../src/stores/files/folder-place.js';
import { openFormat } from '../../../src/stores/layout/formats/open-format.js';
import { openLayoutStore } from '../../../src/stores/layout/layout-store.js';
import { writeLocalFile } from '../../../src/stores/layout/local-file.js';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { countsOf, inBatches, loadOf, mergeOf, PRICE, replaceOf, SECOND, SKU, THIRD } from '../loads.js';
import { readPublished } from './read-published.js';

describe('a store of files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'titanflow-layout-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const fetch = (name: string): Promise<Buffer | undefined> =>
    readFile(join(directory, 't', name)).catch(() => undefined);
  const rowsOf = async (): Promise<readonly unknown[]> =>
    ((await readPublished(fetch)) ?? []).map(({ sku, price }) => `${sku} ${price}`).toSorted();
  const manifestOf = async () =>
    JSON.parse(await readFile(join(directory, 't', '_manifest.json'), 'utf8')) as {
      files: { name: string; escapedFormulas?: boolean }[];
      superseded: string[];
      receipts: { rejects?: { name: string } }[];
    };

  it('compares keys slice by slice, where memory could not hold all of them', async () => {
    const store = openLayoutStore(openFolderPlace(directory), openFormat({ format: 'jsonl' }), { keysAtOnce: 3 });
    const cells = (from: number, to: number, price: string): string[][] =>
      Array.from({ length: to - from }, (_, index) => [`"${from + index}"`, price]);
    await store.publish(loadOf({ table: 't', run: 'null', cells: [['null', '0']] }));
    await store.publish(mergeOf({ table: 't', run: 'a', cells: cells(0, 20, '1') }));
    const merged = mergeOf({ table: 't', run: 'b', at: SECOND, cells: [...cells(10, 30, '2'), ...cells(28, 30, '3')] });
    const receipt = await store.publish(merged);
    expect(countsOf(receipt)).toEqual({ records: 22, rows: 22, inserted: 10, updated: 10, duplicates: 2 });
    const expected = Array.from({ length: 30 }, (_, sku) => `${sku} ${sku < 10 ? 1 : sku < 28 ? 2 : 3}`);
    expect(await rowsOf()).toEqual(['null 0', ...expected].toSorted());
    const twice = loadOf({ table: 't', run: 'c', at: THIRD, cells: cells(29, 40, '4') });
    await expect(store.publish(twice)).rejects.toThrow(/one row per sku, and this append brings a second one/);
    const others = loadOf({ table: 't', run: 'd', at: THIRD, cells: cells(30, 40, '4') });
    expect(countsOf(await store.publish(others))).toMatchObject({ inserted: 10 });
  });

  it('reads every file by its own ending, when its format was changed', async () => {
    const open = (format: FileFormat, escapeFormulas = false): Store =>
      openStores({ here: { kind: 'files', directory, format, escapeFormulas } }).get('here');
    const formula = `"=x, 'y'"`;
    await open('jsonl').publish(
      mergeOf({
        table: 't',
        run: 'a',
        cells: [
          [formula, '1.5'],
          ['""', '2'],
        ],
      }),
    );
    await open('csv', true).publish(loadOf({ table: 't', run: 'b', cells: [[`"+z"`, 'null']] }));
    await open('parquet').publish(loadOf({ table: 't', run: 'c', cells: [['"p"', '4']] }));
    const listed = (await manifestOf()).files;
    expect(listed).toMatchObject([
      { name: 'a.jsonl' },
      { name: 'b.csv', escapedFormulas: true },
      { name: 'c.parquet' },
    ]);
    const update = {
      table: 't',
      at: SECOND,
      cells: [
        [formula, '1.50'],
        ['"+z"', '3'],
        ['"p"', '4.0'],
      ],
    };
    const receipt = await open('parquet').publish(mergeOf({ ...update, run: 'd' }));
    expect(countsOf(receipt)).toEqual({ records: 3, rows: 3, updated: 1, unchanged: 2 });
    expect(await rowsOf()).toEqual([' 2', '+z 3', "=x, 'y' 1.5", 'p 4']);
    const back = await open('csv').publish(mergeOf({ ...update, run: 'e', at: THIRD, cells: [['"q"', '5']] }));
    expect(countsOf(back)).toMatchObject({ inserted: 1 });
    expect((await manifestOf()).files.map(({ name }) => name)).toEqual(['e.csv']);
    expect(await rowsOf()).toEqual([' 2', '+z 3', "=x, 'y' 1.5", 'p 4', 'q 5']);
  });

  it('refuses to turn into Parquet what Parquet cannot hold, and names the row', async () => {
    const columns = [SKU, { name: 'n', type: 'bigint' } as const];
    const cells = [['"x"', `1${'0'.repeat(30)}`]];
    await openStores({ here: { kind: 'files', directory, format: 'jsonl' } })
      .get('here')
      .publish(mergeOf({ table: 't', run: 'a', columns, cells }));
    const parquet = openStores({ here: { kind: 'files', directory, format: 'parquet' } }).get('here');
    await expect(parquet.publish(mergeOf({ table: 't', run: 'b', columns, cells: [['"y"', '1']] }))).rejects.toThrow(
      /row 0 of a\.jsonl cannot be written anew as parquet: "n" too big for bigint; let the store keep its former format/,
    );
    const rejected = await parquet.publish(loadOf({ table: 'u', columns, cells: [...cells, ['"y"', '1']] }));
    expect(countsOf(rejected)).toEqual({ records: 2, rows: 1, rejected: 1, inserted: 1 });
  });

  it('keeps names apart that differ in case, where its format can', async () => {
    const columns = [SKU, { name: 'SKU', type: 'text' } as const];
    const load = { table: 't', columns, cells: [['"a"', '"b"']] };
    const [csv, parquet] = (['csv', 'parquet'] as const).map((format) =>
      openStores({ here: { kind: 'files', directory, format } }).get('here'),
    );
    await expect(parquet?.publish(loadOf(load))).rejects.toThrow(/differ only in case/);
    await csv?.publish(loadOf(load));
    expect(await readPublished(fetch)).toMatchObject([{ sku: 'a', SKU: 'b' }]);
  });

  it('writes the marks of a replay beside, and the former rejects go one publication later', async () => {
    const store = openStores({ here: { kind: 'files', directory, format: 'jsonl' } }).get('here');
    const reject = { execution: 'run-1', row: 7, reason: 'bad', raw: '{}' };
    await store.publish(loadOf({ table: 't', cells: [['"x"', '1']], rejects: [reject] }));
    expect((await manifestOf()).receipts[0]?.rejects?.name).toBe('_rejects/run-1.jsonl');
    const rows = inBatches([{ execution: 'run-1', row: 7, at: SECOND, cells: ['"y"', '2'] }]);
    const { signal } = new AbortController();
    await store.replay({ table: 't', run: 'run-1', columns: [SKU, PRICE], rows, signal });
    const { files, superseded, receipts } = await manifestOf();
    expect(files.map(({ name }) => name)).toEqual(['run-1.jsonl', expect.stringMatching(/^run-1~[\da-f]{16}\.jsonl$/)]);
    expect(superseded).toEqual(['_rejects/run-1.jsonl']);
    const marked = receipts[0]?.rejects?.name ?? '';
    expect(JSON.parse(await readFile(join(directory, 't', marked), 'utf8'))).toMatchObject({
      ...reject,
      replayedAt: expect.stringMatching(/Z$/),
    });
    await store.publish(replaceOf({ table: 't', run: 'b', at: THIRD, cells: [['"z"', '3']] }));
    expect(await readdir(join(directory, 't', '_rejects'))).toEqual([marked.slice('_rejects/'.length)]);
  });

  it('names the file that a full disk could not take', async () => {
    const full = writeLocalFile('/dev/full', (write) => write('x'));
    await expect(full).rejects.toMatchObject({ code: 'ENOSPC', path: '/dev/full' });
  });
});
