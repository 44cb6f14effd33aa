import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { withDuckDb } from '../../helpers/duckdb.js';
import { countsOf, loadOf, mergeOf, PRICE, publicationOf, replaceOf, SECOND, SKU } from '../loads.js';

describe('the store duckdb, beyond the contract,', () => {
  let folder: string;
  let path: string;
  let store: Store;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'titanflow-duckdb-'));
    path = join(folder, 'mart.duckdb');
    store = openStores({ here: { kind: 'duckdb', path } }).get('here');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (sql: string): Promise<unknown> => withDuckDb(path, (query) => query(sql));
  const valuesOf = (sql: string): Promise<readonly unknown[]> =>
    withDuckDb(path, async (query) => (await query(sql)).flatMap((row) => Object.values(row)));

  it('makes no file in a check, and no bookkeeping', async () => {
    await store.check(publicationOf({ table: 'first' }), 'prices', [SKU]);
    await expect(access(path)).rejects.toThrow('ENOENT');
    await run('SELECT 1');
    await store.check(publicationOf({ table: 'first' }), 'prices', [SKU]);
    expect(await valuesOf(`SELECT count(*) FROM duckdb_schemas() WHERE schema_name = 'titanflow'`)).toEqual(['0']);
    expect(await store.lastRows('first', 'run')).toBeUndefined();
  });

  it('has tables with the types of DuckDB, which other tools read, and provenance that cannot be null', async () => {
    const columns = (['text', 'timestamptz', 'bigint', 'numeric', 'boolean', 'jsonb'] as const).map((type) => ({
      name: type,
      type,
    }));
    const cells = [['"x"', '"2026-01-01T02:00:00+02:00"', '1', '1.50', 'true', '{"a": 1.50}']];
    await store.publish(loadOf({ table: 'typed', columns, cells }));
    expect(
      await valuesOf(`SELECT data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END
                      FROM duckdb_columns() WHERE table_name = 'typed' ORDER BY column_index`),
    ).toEqual([
      'VARCHAR',
      'TIMESTAMP WITH TIME ZONE',
      'BIGINT',
      'DOUBLE',
      'BOOLEAN',
      'JSON',
      'VARCHAR NOT NULL',
      'BIGINT NOT NULL',
      'TIMESTAMP WITH TIME ZONE NOT NULL',
    ]);
    expect(await valuesOf(`SELECT epoch(timestamptz), jsonb->>'a' FROM typed`)).toEqual(['1767225600', '1.5']);
  });

  it('makes rejects of values that a column cannot hold, and publishes the rest', async () => {
    const columns = [SKU, { name: 'n', type: 'bigint' }, { name: 'j', type: 'jsonb' }] as const;
    const cells = [
      ['"good"', '1.0', '{}'],
      [String.raw`"nul\u0000"`, '1', '{}'],
      ['"big"', '9223372036854775808', '{}'],
      ['"json"', '1', String.raw`["\u0000"]`],
    ];
    const receipt = await store.publish(loadOf({ table: 'unfit', run: 'unfit', columns, cells }));
    expect(countsOf(receipt)).toEqual({ records: 4, rows: 1, rejected: 3, inserted: 1 });
    expect(await valuesOf(`SELECT reason FROM titanflow.rejects WHERE run = 'unfit' ORDER BY row`)).toEqual([
      '"sku" has a NUL character',
      '"n" too big for bigint',
      '"j" has a NUL character',
    ]);
    await run('CREATE TABLE doubles (id DOUBLE)');
    const ids = loadOf({
      table: 'doubles',
      columns: [{ name: 'id', type: 'bigint' }],
      cells: [['9007199254740992'], ['9007199254740993']],
    });
    expect(countsOf(await store.publish(ids))).toMatchObject({ inserted: 1, rejected: 1 });
  });

  describe('knows a table by a mark in it:', () => {
    const load = { table: 'marked', run: 'marked', cells: [['"x"', '1']] };
    const inserted = async (): Promise<number> => (await store.publish(loadOf(load))).inserted;
    const rows = (): Promise<readonly unknown[]> => valuesOf('SELECT count(*) FROM marked');

    it('its receipts last while it is altered, and while the database is closed and opened', async () => {
      expect(await inserted()).toBe(1);
      await run('ALTER TABLE marked ADD COLUMN note VARCHAR');
      await run(`COMMENT ON TABLE marked IS 'mine'`);
      await run('ALTER TABLE marked ALTER COLUMN note TYPE INTEGER');
      await run('CREATE INDEX by_sku ON marked (sku)');
      await inserted();
      expect(await rows()).toEqual(['1']);
    });

    it('a table that was dropped and made again, or renamed, has none', async () => {
      await run('DROP TABLE marked; CREATE TABLE marked (sku VARCHAR, price DOUBLE)');
      expect(await store.lastRows('marked', 'other')).toBeUndefined();
      await inserted();
      expect(await rows()).toEqual(['1']);
      await run('ALTER TABLE marked RENAME TO moved');
      await inserted();
      expect(await rows()).toEqual(['1']);
      await run('CREATE OR REPLACE TABLE marked AS FROM moved WHERE false');
      await inserted();
      expect(await rows()).toEqual(['1']);
    });
  });

  describe('tells names that differ only in case from each other, and refuses them:', () => {
    beforeAll(() => store.publish(loadOf({ table: 'shop.Cased', run: 'cased', cells: [['"x"', '1']] })));

    it.each([
      ['shop.cased', [SKU], /DuckDB has "Cased", and does not tell it from "cased": write it as it is there/],
      ['Shop.Cased', [SKU], /DuckDB has "shop", and does not tell it from "Shop"/],
      ['Main.other', [SKU], /DuckDB has "main"/],
      ['TitanFlow.receipts', [SKU], /the schema TitanFlow is not for tables of rows/],
      ['shop.Cased', [{ name: 'SKU', type: 'text' }], /"sku" and "SKU" differ only in case/],
      ['new', [SKU, { name: 'Sku', type: 'text' }], /"sku" and "Sku" differ only in case/],
      ['new', [{ name: '_TITAN_AT', type: 'text' }], /"_titan_at" and "_TITAN_AT" differ only in case/],
      ['new', [{ name: 'RowId', type: 'text' }], /"RowId" is one that DuckDB keeps for itself/],
    ] as const)('%s with %j', async (table, columns, message) => {
      const load = loadOf({ table, columns, cells: [['"x"']] });
      const refusal = { name: 'StoreError', reason: 'rejected', message: expect.stringMatching(message) };
      await expect(store.check(load.publication, 'prices', columns)).rejects.toMatchObject(refusal);
      await expect(store.publish(load)).rejects.toMatchObject(refusal);
    });

    it('letters other than A to Z are told apart', async () => {
      const columns = [
        { name: 'größe', type: 'text' },
        { name: 'GRÖßE', type: 'text' },
      ] as const;
      await store.publish(loadOf({ table: 'sizes', columns, cells: [['"s"', '"L"']] }));
      expect(await valuesOf('SELECT "größe", "GRÖßE" FROM sizes')).toEqual(['s', 'L']);
    });
  });

  describe('into a table that a person made', () => {
    it('publishes beside the rows that are there, which count as older than any, and leaves other columns', async () => {
      await run(`
        CREATE SEQUENCE ids;
        CREATE TABLE made (
          id INTEGER DEFAULT nextval('ids') PRIMARY KEY, sku VARCHAR UNIQUE, price DOUBLE, note VARCHAR DEFAULT 'mine',
          twice DOUBLE GENERATED ALWAYS AS (price * 2)
        );
        INSERT INTO made (sku, price, note) VALUES ('x', 1, 'kept'), ('y', 1, NULL)`);
      const cells = [
        ['"x"', '2'],
        ['"z"', '2'],
      ];
      expect(countsOf(await store.publish(mergeOf({ table: 'made', cells })))).toMatchObject({
        inserted: 1,
        updated: 1,
      });
      expect(
        await valuesOf(
          `SELECT concat_ws(' ', id, sku, price, note, twice, _titan_at = '-infinity') FROM made ORDER BY sku`,
        ),
      ).toEqual(['1 x 2.0 kept 4.0 false', '2 y 1.0 2.0 true', '3 z 2.0 mine 4.0 false']);
      await expect(run(`INSERT INTO made (sku) VALUES ('w')`)).rejects.toThrow('_titan_execution');
      const receipt = await store.publish(mergeOf({ table: 'made', run: 'b', at: SECOND, cells: [['"y"', '5']] }));
      expect(countsOf(receipt)).toMatchObject({ updated: 1 });
    });

    it.each([
      ['price INTEGER', /"price" is INTEGER, but the rows have bigint/],
      ['price BIGINT, _titan_row VARCHAR', /"_titan_row" is VARCHAR/],
      ['price BIGINT, must VARCHAR NOT NULL', /"must" must not be null/],
      ['price BIGINT, rowid INTEGER', /"rowid" hides what DuckDB knows its rows by/],
    ])('with %s is refused', async (columns, message) => {
      await run(`CREATE OR REPLACE TABLE odd (${columns})`);
      const publication = publicationOf({ table: 'odd' });
      await expect(store.check(publication, 'p', [{ name: 'price', type: 'bigint' }])).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringMatching(message),
      });
    });

    it('that is a view is refused', async () => {
      await run('CREATE VIEW seen AS SELECT 1 AS one');
      await expect(store.publish(loadOf({ table: 'seen' }))).rejects.toThrow('DuckDB has a view by that name');
    });

    it('with a key twice that somebody brought in refuses the merge that meets it', async () => {
      await store.publish(mergeOf({ table: 'twins', run: 'a', cells: [['"x"', '1']] }));
      await run(`INSERT INTO twins SELECT * FROM twins`);
      const merge = mergeOf({ table: 'twins', run: 'b', at: SECOND, cells: [['"x"', '2']] });
      await expect(store.publish(merge)).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringMatching(/several rows with the same key/),
      });
      expect(await valuesOf('SELECT price FROM twins')).toEqual(['1', '1']);
    });
  });

  it('leaves a table as it was or as it will be when the process is killed, at any moment', async () => {
    const outcomes: string[] = [];
    let whole = Infinity;
    // Shares of the time that a whole load takes, which the first one tells.
    for (const [round, share] of [Infinity, 0, 0.3, 0.6, 0.8, 0.9, 1].entries()) {
      const run = `killed-${round}`;
      await store.publish(replaceOf({ table: 'killed', run: `old-${round}`, at: minute(round), cells: [['"old"']] }));
      const child = spawn(process.execPath, ['--input-type=module', '-e', loader(path, run, minute(round + 0.5))]);
      const published = once(child.stdout, 'end');
      await once(child.stdout, 'data');
      const startedAt = performance.now();
      await (share === Infinity ? published : setTimeout(whole * share));
      whole = share === Infinity ? performance.now() - startedAt : whole;
      child.kill('SIGKILL');
      await once(child, 'exit');
      const receipts = `(SELECT count(*) FROM titanflow.receipts WHERE run = '${run}')`;
      const [state] = await valuesOf(
        `SELECT concat_ws(' ', count(DISTINCT _titan_execution), count(*), max(sku), ${receipts}) FROM killed`,
      );
      outcomes.push(String(state));
    }
    const [before, after] = ['1 1 old 0', `1 ${ROWS} new 1`];
    expect(outcomes.slice(0, 2)).toEqual([after, before]);
    expect(outcomes.filter((state) => state !== before && state !== after)).toEqual([]);
    // What the last one has left goes with the next load.
    await store.publish(replaceOf({ table: 'killed', run: 'last', at: minute(60), cells: [['"old"']] }));
    await expect(access(`${path}.loading`)).rejects.toThrow('ENOENT');
  });

  it('gives way when it is checked for a price that is now a text', async () => {
    await store.publish(loadOf({ table: 'clash', run: 'a', columns: [SKU, PRICE], cells: [['"x"', '1']] }));
    const columns = [SKU, { name: 'price', type: 'text' }] as const;
    await expect(store.check(publicationOf({ table: 'clash' }), 'prices', columns)).rejects.toThrow(
      'Table "clash": its column "price" is DOUBLE, but the rows have text; change the table or the output_schema, or publish to another table.',
    );
  });
});

const ROWS = 60_000;

function minute(minutes: number): string {
  return new Date(Date.parse('2026-02-01T00:00:00Z') + minutes * 60_000).toISOString();
}

/** Replaces a table from a process of its own, which speaks when its rows begin to go, and is silent when all is done. */
function loader(path: string, run: string, at: string): string {
  return `
    import { openDuckDbStore } from ${JSON.stringify(resolve('dist/stores/duckdb/duckdb-store.js'))};
    async function* rows() {
      for (let row = 0; row < ${ROWS}; row += 500) {
        yield Array.from({ length: 500 }, (_, index) => ({
          execution: '${run}', row: row + index, at: '${at}', cells: ['"new"', '1']
        }));
      }
    }
    await openDuckDbStore({ kind: 'duckdb', path: ${JSON.stringify(path)} }).publish({
      publication: { store: 'here', table: 'killed', mode: 'replace' },
      run: '${run}', owner: 'prices', at: '${at}', records: ${ROWS}, rejected: 0,
      columns: [{ name: 'sku', type: 'text' }, { name: 'price', type: 'numeric' }],
      rows: rows(), rejects: (async function* () {})(), signal: new AbortController().signal,
      onProgress: (rows) => { if (rows === 500) console.log('loading'); },
    });
    process.stdout.end();
    setInterval(() => undefined, 1000);`;
}
