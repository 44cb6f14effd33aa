import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/domain/rows.js';
import {
  countsOf,
  inBatches,
  loadOf,
  mergeOf,
  PRICE,
  publicationOf,
  replaceOf,
  SECOND,
  SKU,
  type LoadSketch,
} from '../loads.js';
import { openUrl, withPostgres } from './with-postgres.js';

describe('the store postgres, beyond the contract,', () => {
  const postgres = withPostgres();

  it('makes its bookkeeping once, however many workers come first, and never in a check', async () => {
    await postgres.store.check(publicationOf({ table: 'first' }), 'prices', [SKU]);
    expect(await postgres.valuesOf(`SELECT to_regnamespace('titanflow')`)).toEqual([null]);
    const others = Array.from({ length: 6 }, () => openUrl(postgres.url));
    await Promise.all(others.map((other, n) => other.publish(loadOf({ table: `first_${n}`, cells: [['"x"', '1']] }))));
    await Promise.all(others.map((other) => other.close()));
    expect(await postgres.valuesOf('SELECT count(*)::int FROM titanflow.receipts')).toEqual([6]);
  });

  it('keeps with a receipt what it stands for', async () => {
    await postgres.store.publish(mergeOf({ table: 'shop.receipt', run: 'w/step', cells: [['"x"', '1']] }));
    const { rows } = await postgres.client.query(`
      SELECT "table", table_oid = 'shop.receipt'::regclass AS oid, store, owner, mode, key, length(schema_hash) AS hash,
             at = '2026-01-01T00:00:00Z' AS at, rows::int, published_at IS NOT NULL AS published
      FROM titanflow.receipts WHERE run = 'w/step'`);
    expect(rows).toEqual([
      {
        table: 'shop.receipt',
        oid: true,
        store: 'here',
        owner: 'prices',
        mode: 'merge',
        key: ['sku'],
        hash: 64,
        at: true,
        rows: 1,
        published: true,
      },
    ]);
    expect(countsOf(await postgres.store.publish(mergeOf({ table: '"shop"."receipt"', run: 'w/step' })))).toMatchObject(
      {
        rows: 1,
      },
    );
  });

  it('makes provenance that cannot be null, and a primary key of the merge', async () => {
    await postgres.store.publish(mergeOf({ table: 'shaped', key: ['sku', 'price'], cells: [] }));
    expect(
      await postgres.valuesOf(
        `SELECT attname::text FROM pg_attribute WHERE attrelid = 'shaped'::regclass AND attnum > 0 AND attnotnull`,
      ),
    ).toEqual(['sku', 'price', '_titan_execution', '_titan_row', '_titan_at']);
    expect(
      await postgres.valuesOf(`SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'shaped'::regclass`),
    ).toEqual([expect.stringMatching(/^CREATE UNIQUE INDEX .* \(sku, price\)$/)]);
  });

  describe('into a table that a person made', () => {
    it('publishes beside the rows that are there, which count as older than any', async () => {
      await postgres.client.query(
        `CREATE TABLE made (id serial PRIMARY KEY, sku varchar(20), price numeric, note text DEFAULT 'mine')`,
      );
      await postgres.client.query(`INSERT INTO made (sku, price) VALUES ('x', 1), ('y', 1)`);
      const receipt = await postgres.store.publish(
        mergeOf({
          table: 'made',
          cells: [
            ['"x"', '2'],
            ['"z"', '2'],
          ],
        }),
      );
      expect(countsOf(receipt)).toMatchObject({ inserted: 1, updated: 1 });
      const { rows } = await postgres.client.query(
        `SELECT sku, price, note, _titan_at::text AS at FROM made ORDER BY sku`,
      );
      expect(rows.map(({ sku, price, note, at }) => [sku, price, note, at === '-infinity'])).toEqual([
        ['x', '2', 'mine', false],
        ['y', '1', 'mine', true],
        ['z', '2', 'mine', false],
      ]);
      await expect(postgres.client.query(`INSERT INTO made (sku) VALUES ('w')`)).rejects.toThrow('_titan_execution');
    });

    it.each([
      ['price uuid', /"price" is uuid, but the rows have bigint; change the table or the output_schema/],
      ['price uuid, _titan_row text', /2 columns do not fit: "price" is uuid, .*; "_titan_row" is text/],
      ['price bigint, _titan_row text', /"_titan_row" is text/],
      ['price bigint, must text NOT NULL', /"must" must not be null/],
    ])('with %s is refused', async (columns, message) => {
      await postgres.client.query(`DROP TABLE IF EXISTS odd; CREATE TABLE odd (${columns})`);
      const publication = publicationOf({ table: 'odd' });
      await expect(postgres.store.check(publication, 'p', [{ name: 'price', type: 'bigint' }])).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringMatching(message),
      });
    });

    it('that is a view is refused', async () => {
      await postgres.client.query('CREATE VIEW seen AS SELECT 1 AS one');
      await expect(postgres.store.publish(loadOf({ table: 'seen' }))).rejects.toThrow('something else by that name');
    });
  });

  it('makes rejects of values that Postgres cannot hold, and publishes the rest', async () => {
    const columns = [SKU, { name: 'n', type: 'bigint' }, { name: 'j', type: 'jsonb' }] as const;
    const cells = [
      ['"good"', '1.0', '{}'],
      [String.raw`"nul\u0000"`, '1', '{}'],
      ['"big"', '9223372036854775808', '{}'],
      ['"json"', '1', String.raw`["\u0000"]`],
    ];
    const receipt = await postgres.store.publish(loadOf({ table: 'unfit', run: 'unfit', columns, cells }));
    expect(countsOf(receipt)).toEqual({ records: 4, rows: 1, rejected: 3, inserted: 1 });
    expect(await postgres.valuesOf(`SELECT reason FROM titanflow.rejects WHERE run = 'unfit' ORDER BY row`)).toEqual([
      '"sku" has a NUL character',
      '"n" too big for bigint',
      '"j" has a NUL character',
    ]);
    expect(await postgres.valuesOf(`SELECT raw FROM titanflow.rejects WHERE run = 'unfit' AND row = 2`)).toEqual([
      '{"sku":"big","n":9223372036854775808,"j":{}}',
    ]);
  });

  it('shows readers the old rows or the new ones while it replaces, never none', async () => {
    const rows = (run: string): readonly Row[] =>
      Array.from({ length: 500 }, (_, row) => ({ execution: run, row, at: SECOND, cells: [`"${run}"`, '1'] }));
    await postgres.store.publish(replaceOf({ table: 'read', run: 'a', rows: inBatches(rows('a'), 100), records: 500 }));
    const replacing = postgres.store.publish(
      replaceOf({ table: 'read', run: 'b', rows: inBatches(rows('b'), 100), records: 500 }),
    );
    const seen = new Set<string>();
    const progress = { done: false };
    const settled = replacing.finally(() => {
      progress.done = true;
    });
    while (!progress.done) {
      const found = await postgres.valuesOf(`SELECT string_agg(DISTINCT sku, ',') || count(*) FROM public.read`);
      seen.add(String(found[0]));
    }
    await settled;
    expect([...seen].filter((rows) => rows !== 'a500' && rows !== 'b500')).toEqual([]);
  });

  it('keeps nothing of a load whose connection is cut, and says that it may work later', async () => {
    await postgres.store.publish(loadOf({ table: 'cut', cells: [['"x"', '1']] }));
    async function* rows(): AsyncGenerator<readonly Row[]> {
      const row = { execution: 'cut', row: 0, at: SECOND, cells: ['"y"', '1'] };
      for (;;) {
        yield [row];
        await postgres.client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'titanflow' AND state = 'active' AND query LIKE 'COPY %'`,
        );
      }
    }
    const load = loadOf({ table: 'cut', run: 'b', rows: rows(), records: 1 });
    await expect(postgres.store.publish(load)).rejects.toMatchObject({ name: 'StoreError', reason: 'unavailable' });
    expect(await postgres.valuesOf('SELECT sku FROM public.cut')).toEqual(['x']);
  });

  it('leaves no connection at work after an abort', async () => {
    const abort = new AbortController();
    async function* rows(): AsyncGenerator<readonly Row[]> {
      yield [];
      abort.abort();
      await new Promise(() => undefined);
    }
    await expect(postgres.store.publish(loadOf({ table: 'left', rows: rows(), signal: abort.signal }))).rejects.toThrow(
      'aborted',
    );
    await expect
      .poll(() => postgres.valuesOf(`SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'`), {
        timeout: 10_000,
      })
      .toEqual([0]);
  });

  it('is stopped by an abort while the server is still at a statement, which the server gives up too', async () => {
    await postgres.store.publish(loadOf({ table: 'busy', cells: [['"x"', '1']] }));
    const waiting = `SELECT count(*)::int FROM pg_locks WHERE NOT granted`;
    await postgres.client.query('BEGIN; LOCK TABLE busy');
    const abort = new AbortController();
    const load = loadOf({ table: 'busy', run: 'b', cells: [['"y"', '1']], signal: abort.signal });
    const outcome = postgres.store.publish(load).catch((error: unknown) => error);
    await expect.poll(() => postgres.valuesOf(waiting), { timeout: 10_000 }).toEqual([1]);
    abort.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    await expect.poll(() => postgres.valuesOf(waiting), { timeout: 10_000 }).toEqual([0]);
    await postgres.client.query('ROLLBACK');
    expect(await postgres.valuesOf('SELECT sku FROM busy')).toEqual(['x']);
  });

  describe('says what is wrong with its url, and never the password:', () => {
    const check = async (change: (url: URL) => void): Promise<unknown> => {
      const url = new URL(postgres.url);
      change(url);
      const wrong = openUrl(url.href);
      const error = await wrong
        .check(publicationOf({ table: 't' }), 'p', [SKU, PRICE])
        .catch((caught: unknown) => caught);
      await wrong.close();
      return error;
    };
    it.each([
      [
        'nobody listens',
        'unavailable',
        (url: URL) => Object.assign(url, { port: '1' }),
        /^Postgres at .*:1\/.*ECONNREFUSED/,
      ],
      [
        'no such host',
        'unavailable',
        (url: URL) => Object.assign(url, { hostname: 'nowhere.invalid' }),
        /^Postgres at nowhere.invalid/,
      ],
      ['wrong password', 'setup', (url: URL) => Object.assign(url, { password: 'canary-password' }), /28P01/],
      [
        'no such database',
        'setup',
        (url: URL) => Object.assign(url, { pathname: '/none' }),
        /"none" does not exist.*3D000/,
      ],
      ['no TLS there', 'setup', (url: URL) => url.searchParams.set('ssl', 'true'), /does not support SSL/],
    ])('%s is %s', async (_, reason, change, message) => {
      const error = await check(change);
      expect(error).toMatchObject({ name: 'StoreError', reason, message: expect.stringMatching(message) });
      expect(String(error)).not.toContain('canary-password');
      expect(String(error)).not.toContain(new URL(postgres.url).password);
      expect(String(error)).not.toContain('://');
    });
  });

  it('tells a role which grants it lacks before anything is paid for, and works with nothing more', async () => {
    await postgres.store.publish(mergeOf({ table: 'guarded', cells: [['"x"', '1']] }));
    const role = `loader_${process.pid}`;
    await postgres.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'loader'`);
    const loader = openUrl(Object.assign(new URL(postgres.url), { username: role, password: 'loader' }).href);
    const lacks = (sketch: LoadSketch, message: string): Promise<void> =>
      expect(loader.check(publicationOf(sketch), 'prices', [SKU, PRICE])).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringContaining(message),
      });
    await lacks({ table: 'guarded' }, 'lacks USAGE on the schema titanflow; SELECT on titanflow.receipts');
    await postgres.client.query(`
      GRANT USAGE ON SCHEMA titanflow TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA titanflow TO ${role};
      GRANT SELECT ON guarded TO ${role}`);
    await lacks({ table: 'guarded' }, 'may not INSERT');
    await lacks({ table: 'new' }, 'lacks USAGE and CREATE on the schema public');
    await lacks({ table: 'other.new' }, 'lacks CREATE on the database, to make the schema other');
    await postgres.client.query(`GRANT INSERT, UPDATE ON guarded TO ${role}`);
    await lacks({ table: 'guarded', mode: 'replace' }, 'may not DELETE');
    await postgres.client.query('ALTER TABLE titanflow.rejects RENAME COLUMN replayed_at TO marked');
    await lacks({ table: 'guarded' }, 'lacks ownership of titanflow.rejects, to add its column replayed_at');
    await postgres.client.query('ALTER TABLE titanflow.rejects RENAME COLUMN marked TO replayed_at');
    const load = mergeOf({ table: 'guarded', run: 'b', at: SECOND, cells: [['"x"', '2']] });
    await loader.check(load.publication, 'prices', [SKU, PRICE]);
    expect(countsOf(await loader.publish(load))).toMatchObject({ updated: 1 });
    await loader.close();
    await postgres.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});
