import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { countsOf, FIRST, loadOf, mergeOf, publicationOf, replaceOf, SECOND, SKU, THIRD } from '../loads.js';

describe('the store files, beyond the contract,', () => {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'titanflow-files-'));
    store = openStores({ here: { kind: 'files', directory, format: 'jsonl' } }).get('here');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const textOf = (...path: readonly string[]): Promise<string> => readFile(join(directory, ...path), 'utf8');
  const manifestOf = async (table: string): Promise<Record<string, unknown>> =>
    JSON.parse(await textOf(table, '_manifest.json')) as Record<string, unknown>;
  const filesOf = async (table: string): Promise<readonly string[]> =>
    (await readdir(join(directory, table))).filter((name) => !name.startsWith('_')).toSorted();

  it('writes a line per row, the raw text byte for byte, and a manifest that proves the file', async () => {
    const columns = [SKU, { name: 'any', type: 'jsonb' }] as const;
    const cells = [
      [String.raw`"\u0041\/"`, '{ "b" : 1.10,\r\n "a": 1e2 }'],
      [undefined, 'null'],
    ];
    await store.publish(loadOf({ table: 'shop.prices', run: 'w/step', columns, cells }));
    const lines = [
      String.raw`{"sku":"\u0041\/","any":{ "b" : 1.10,   "a": 1e2 },"_titan_execution":"w/step","_titan_row":0,"_titan_at":"2026-01-01T00:00:00Z"}`,
      '{"any":null,"_titan_execution":"w/step","_titan_row":1,"_titan_at":"2026-01-01T00:00:00Z"}',
      '',
    ].join('\n');
    expect(await textOf('shop.prices', 'w%2Fstep.jsonl')).toBe(lines);
    expect(await manifestOf('shop.prices')).toEqual({
      version: 1,
      table: 'shop.prices',
      owner: 'prices',
      mode: 'append',
      columns,
      files: [
        {
          name: 'w%2Fstep.jsonl',
          executionId: 'w/step',
          rows: 2,
          bytes: Buffer.byteLength(lines),
          sha256: createHash('sha256').update(lines).digest('hex'),
        },
      ],
      superseded: [],
      removed: [],
      receipts: [expect.objectContaining({ run: 'w/step', mode: 'append', at: FIRST, rows: 2, records: 2 })],
    });
    expect(await readdir(join(directory, 'shop.prices'))).toEqual(['_manifest.json', 'w%2Fstep.jsonl']);
  });

  it('writes rejects beside, a line each with the whole id', async () => {
    const rejects = [{ execution: 'e', row: 3, reason: 'no sku', raw: '{"a":\n1}' }];
    await store.publish(loadOf({ table: 't', cells: [['"x"', '1']], rejects }));
    const line = await textOf('t', '_rejects', 'run-1.jsonl');
    expect(JSON.parse(line)).toEqual({ run: 'run-1', table: 't', at: FIRST, ...rejects[0] });
  });

  it('keeps superseded files for one publication more, and what others put there for ever', async () => {
    await store.publish(replaceOf({ table: 't', run: 'a', at: FIRST, cells: [['"a"', '1']] }));
    await writeFile(join(directory, 't', 'notes.jsonl'), '{}');
    await store.publish(replaceOf({ table: 't', run: 'b', at: SECOND, cells: [['"b"', '1']] }));
    expect(await filesOf('t')).toEqual(['a.jsonl', 'b.jsonl', 'notes.jsonl']);
    await store.publish(replaceOf({ table: 't', run: 'c', at: THIRD, cells: [['"c"', '1']] }));
    expect(await filesOf('t')).toEqual(['b.jsonl', 'c.jsonl', 'notes.jsonl']);
    await store.publish(loadOf({ table: 't', run: 'd', at: THIRD, cells: [['"d"', '1']] }));
    expect(await filesOf('t')).toEqual(['c.jsonl', 'd.jsonl', 'notes.jsonl']);
    expect(await store.publish(replaceOf({ table: 't', run: 'a', at: FIRST }))).toMatchObject({ inserted: 1 });
  });

  it('merges into a new file, and leaves the old one where nothing is newer', async () => {
    await store.publish(
      mergeOf({
        table: 't',
        run: 'a',
        at: SECOND,
        cells: [
          ['"x"', '1'],
          ['"y"', '1'],
        ],
      }),
    );
    await store.publish(mergeOf({ table: 't', run: 'b', at: FIRST, cells: [['"x"', '2']] }));
    expect(await filesOf('t')).toEqual(['a.jsonl']);
    await store.publish(
      mergeOf({
        table: 't',
        run: 'c',
        at: THIRD,
        cells: [
          ['"x"', '1.0'],
          ['"z"', '1'],
        ],
      }),
    );
    expect(await manifestOf('t')).toMatchObject({
      key: ['sku'],
      files: [{ name: 'c.jsonl', rows: 3 }],
      superseded: ['a.jsonl'],
    });
  });

  it('clears away what a killed load has left', async () => {
    await mkdir(join(directory, 't', '_work', 'killed'), { recursive: true });
    await writeFile(join(directory, 't', '_work', 'killed', 'load.jsonl'), 'half');
    await writeFile(join(directory, 't', 'a.jsonl'), 'of a load that did not come to its manifest');
    await store.publish(loadOf({ table: 't', run: 'a', cells: [['"x"', '1']] }));
    expect((await readdir(join(directory, 't'), { recursive: true })).toSorted()).toEqual([
      '_manifest.json',
      'a.jsonl',
    ]);
    expect(await textOf('t', 'a.jsonl')).toMatch(/^{"sku":"x"/);
  });

  it('leaves no folder behind when the first load fails', async () => {
    await expect(store.publish(loadOf({ table: 't', records: 1 }))).rejects.toThrow('announced 1 rows');
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what is wrong with a manifest it cannot read, and with a file that is gone', async () => {
    await store.publish(mergeOf({ table: 't', run: 'a', cells: [['"x"', '1']] }));
    await rm(join(directory, 't', 'a.jsonl'));
    await expect(store.publish(mergeOf({ table: 't', run: 'b', cells: [['"x"', '1']] }))).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/a\.jsonl is gone, but the manifest lists it/),
    });
    await writeFile(join(directory, 't', '_manifest.json'), '{"version": 2}');
    await expect(store.check(publicationOf({ table: 't' }), 'p', [SKU])).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/_manifest\.json is not a manifest/),
    });
  });

  it('refuses a directory that is a file, by its path', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const wrong = openStores({ here: { kind: 'files', directory: file, format: 'jsonl' } }).get('here');
    const refusal = { reason: 'setup', message: expect.stringContaining(file) };
    await expect(wrong.check(publicationOf({ table: 't' }), 'p', [SKU])).rejects.toMatchObject(refusal);
    await expect(wrong.publish(loadOf({ table: 't' }))).rejects.toMatchObject(refusal);
  });

  it('makes the directory with the first load, not with a check', async () => {
    const deep = join(directory, 'not', 'yet');
    const later = openStores({ here: { kind: 'files', directory: deep, format: 'jsonl' } }).get('here');
    await later.check(publicationOf({ table: 't' }), 'p', [SKU]);
    expect(await readdir(directory)).toEqual([]);
    expect(countsOf(await later.publish(loadOf({ table: 't', cells: [['"x"', '1']] })))).toMatchObject({ rows: 1 });
  });

  it('reads lines that hold what some readers take for a line break', async () => {
    await store.publish(mergeOf({ table: 't', run: 'a', cells: [['"x\u2028y"', '1']] }));
    const receipt = await store.publish(mergeOf({ table: 't', run: 'b', at: SECOND, cells: [['"x\u2028y"', '1']] }));
    expect(countsOf(receipt)).toEqual({ records: 1, rows: 1, unchanged: 1 });
  });
});
