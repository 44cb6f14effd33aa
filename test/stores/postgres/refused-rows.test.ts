import { beforeEach, describe, expect, it } from 'vitest';
import type { Column, Row } from '../../../src/domain/rows.js';
import { countsOf, loadOf, mergeOf, PRICE, replaceOf, SKU, type LoadSketch } from '../loads.js';
import { openUrl, withPostgres } from './with-postgres.js';

describe('rows that only the table itself refuses', () => {
  const postgres = withPostgres();

  async function rejectsOf(run: string): Promise<readonly (readonly [number, string, string])[]> {
    const { rows } = await postgres.client.query<{ row: string; reason: string; raw: string }>(
      `SELECT row, reason, raw FROM titanflow.rejects WHERE run = $1 ORDER BY row`,
      [run],
    );
    return rows.map(({ row, reason, raw }) => [Number(row), reason, raw]);
  }

  const skus = (table: string) => postgres.valuesOf(`SELECT sku FROM ${table} ORDER BY sku`);

  beforeEach(async () => {
    await postgres.client.query('DROP TABLE IF EXISTS one, other CASCADE; DROP FUNCTION IF EXISTS judge CASCADE');
  });

  const cells = [
    ['"a"', '1'],
    ['"b"', '0'],
    ['"c"', '3'],
  ];

  it.each<[string, string, Partial<LoadSketch>]>([
    ['a check', 'CREATE TABLE one (sku text, price numeric CHECK (price > 0))', {}],
    ['a check, replaced', 'CREATE TABLE one (sku text, price numeric CHECK (price > 0))', { mode: 'replace' }],
    [
      'a check, merged',
      'CREATE TABLE one (sku text PRIMARY KEY, price numeric CHECK (price > 0))',
      { mode: 'merge', key: ['sku'] },
    ],
    ['a domain', `CREATE DOMAIN paid AS numeric CHECK (VALUE > 0); CREATE TABLE one (sku text, price paid)`, {}],
    [
      'a foreign key that is checked at the commit',
      `CREATE TABLE other (price numeric PRIMARY KEY); INSERT INTO other VALUES (1), (3);
       CREATE TABLE one (sku text, price numeric REFERENCES other DEFERRABLE INITIALLY DEFERRED)`,
      {},
    ],
    ['a unique column', `CREATE TABLE one (sku text, price numeric UNIQUE); INSERT INTO one VALUES ('have', 0)`, {}],
    [
      'a partition that is not there',
      `CREATE TABLE one (sku text, price numeric) PARTITION BY RANGE (price);
       CREATE TABLE one_paid PARTITION OF one FOR VALUES FROM (1) TO (10)`,
      {},
    ],
    [
      'a trigger that raises',
      `CREATE TABLE one (sku text, price numeric);
       CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.price = 0 THEN RAISE EXCEPTION 'no % please', NEW.sku; END IF; RETURN NEW; END $$;
       CREATE TRIGGER judge BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION judge()`,
      {},
    ],
    [
      'an index entry that is too big',
      'CREATE TABLE one (sku text, price numeric, note text); CREATE INDEX ON one (note)',
      {
        columns: [SKU, PRICE, { name: 'note', type: 'text' }],
        cells: [
          ['"a"', '1', '"x"'],
          ['"b"', '2', JSON.stringify(incompressible(4_000))],
          ['"c"', '3', 'null'],
        ],
      },
    ],
  ])('%s: it is a reject, the others are there', async (name, ddl, sketch) => {
    await postgres.client.query('DROP DOMAIN IF EXISTS paid CASCADE');
    await postgres.client.query(ddl);
    const run = `refused by ${name}`;
    const load = loadOf({ table: 'one', run, cells, ...sketch });
    expect(countsOf(await postgres.store.publish(load))).toEqual({ records: 3, rows: 2, rejected: 1, inserted: 2 });
    expect((await skus('one')).filter((sku) => sku !== 'have')).toEqual(['a', 'c']);
    const [[row, reason, raw] = [], ...others] = await rejectsOf(run);
    expect({ row, others }).toEqual({ row: 1, others: [] });
    expect(reason).toMatch(/^Postgres refused it: .+\(\w{5}\)$/);
    expect(reason).not.toContain('no b please');
    expect(JSON.parse(raw ?? '')).toMatchObject({ sku: 'b' });
    // Whoever repeats it finds the receipt.
    expect(countsOf(await postgres.store.publish(load))).toEqual({ records: 3, rows: 2, rejected: 1, inserted: 2 });
  });

  it.each(['append', 'replace'] as const)('dropped by a trigger in %s: they are told', async (mode) => {
    await postgres.client.query(`
      CREATE TABLE one (sku text, price numeric);
      CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.price = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
      CREATE TRIGGER judge BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION judge()`);
    const run = `dropped ${mode}`;
    const receipt = await postgres.store.publish(loadOf({ table: 'one', run, mode, cells }));
    expect(countsOf(receipt)).toEqual({ records: 3, rows: 2, rejected: 1, inserted: 2 });
    expect(await rejectsOf(run)).toEqual([[1, 'a trigger of the table dropped it', '{"sku":"b","price":0}']]);
  });

  it('dropped by a trigger in a merge: they are told', async () => {
    await postgres.client.query(`
      CREATE TABLE one (sku text PRIMARY KEY, price numeric);
      CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.price = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
      CREATE TRIGGER judge BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION judge()`);
    const receipt = await postgres.store.publish(mergeOf({ table: 'one', run: 'dropped merge', cells }));
    expect(countsOf(receipt)).toEqual({ records: 3, rows: 2, rejected: 1, inserted: 2 });
    expect(await skus('one')).toEqual(['a', 'c']);
    expect(await rejectsOf('dropped merge')).toHaveLength(1);
  });

  it('put into another table by a trigger: they are there for a reader', async () => {
    await postgres.client.query(`
      CREATE TABLE one (sku text, price numeric); CREATE TABLE other () INHERITS (one);
      CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO other SELECT NEW.*; RETURN NULL; END $$`);
    // The columns of provenance must be in both before the trigger copies rows.
    await postgres.store.publish(loadOf({ table: 'one', run: 'moved before', cells: [['"z"', '9']] }));
    await postgres.client.query(`CREATE TRIGGER judge BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION judge()`);
    const receipt = await postgres.store.publish(loadOf({ table: 'one', run: 'moved', cells }));
    expect(countsOf(receipt)).toEqual({ records: 3, rows: 3, inserted: 3 });
    expect(await skus('one')).toEqual(['a', 'b', 'c', 'z']);
  });

  it('are found among many, and the others are there once', async () => {
    await postgres.client.query('CREATE TABLE one (sku text PRIMARY KEY, price numeric CHECK (price % 400 <> 7))');
    const many = Array.from({ length: 3_000 }, (_, n) => [`"s${n % 2_500}"`, String(n)]);
    const receipt = await postgres.store.publish(mergeOf({ table: 'one', run: 'many', cells: many }));
    // Of 3,000 rows 8 break the check; s7 has a good row after all, for 2507 comes later and is good.
    expect(receipt).toMatchObject({ records: 3_000, rejected: 8, rows: 2_992 });
    expect(receipt.inserted + receipt.duplicates).toBe(2_992);
    const [count] = await postgres.valuesOf('SELECT count(*)::int FROM one');
    expect(count).toBe(receipt.inserted);
    expect(await postgres.valuesOf('SELECT count(*)::int FROM one WHERE price % 400 = 7')).toEqual([0]);
  });

  it('a key falls back to its next row, where the newest one is refused', async () => {
    await postgres.client.query(`CREATE TABLE one (sku text PRIMARY KEY, price numeric CHECK (price > 0))`);
    const receipt = await postgres.store.publish(
      mergeOf({
        table: 'one',
        run: 'fall back',
        cells: [
          ['"a"', '5'],
          ['"a"', '0'],
        ],
      }),
    );
    expect(countsOf(receipt)).toEqual({ records: 2, rows: 1, rejected: 1, inserted: 1 });
    expect(await postgres.valuesOf('SELECT price::text FROM one')).toEqual(['5']);
  });

  it('a character that the encoding of the database lacks', async () => {
    await postgres.client.query(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    const url = Object.assign(new URL(postgres.url), { pathname: '/latin' }).href;
    const latin = openUrl(url);
    try {
      for (const mode of ['append', 'replace', 'merge'] as const) {
        const receipt = await latin.publish(
          loadOf({
            table: `phones_${mode}`,
            run: mode,
            mode,
            key: ['sku'],
            cells: [
              ['"Käse"', '1'],
              ['"📱"', '2'],
              ['"c"', '3'],
            ],
          }),
        );
        expect(countsOf(receipt)).toEqual({ records: 3, rows: 2, rejected: 1, inserted: 2 });
      }
      const found: string[] = [];
      for await (const rejects of latin.rejects({}))
        found.push(...rejects.map(({ reason, raw }) => `${reason} ${raw}`));
      expect(found).toHaveLength(3);
      expect(found[0]).toMatch(/no equivalent in encoding "LATIN1" \(22P05\) \{"sku":"\\ud83d\\udcf1","price":2\}/);
      await expect(
        latin.check(loadOf({ table: 'named' }).publication, 'p', [{ name: 'größe 📏', type: 'text' }]),
      ).rejects.toThrow(/a load would fail: .*LATIN1/);
    } finally {
      await latin.close();
      await postgres.client.query('DROP DATABASE latin WITH (FORCE)');
    }
  });

  it('too many to be found one by one are a table that is not made for them', async () => {
    await postgres.client.query('CREATE TABLE one (sku text, price numeric CHECK (price < 0))');
    const many = Array.from({ length: 2_001 }, (_, n) => [`"s${n}"`, String(n)]);
    await expect(postgres.store.publish(loadOf({ table: 'one', run: 'all', cells: many }))).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/refuses more than 2000 rows/),
    });
    expect(await skus('one')).toEqual([]);
  }, 120_000);

  it('a replay leaves them rejects, with the new reason', async () => {
    await postgres.client.query('CREATE TABLE one (sku text, price numeric CHECK (price > 0))');
    await postgres.store.publish(loadOf({ table: 'one', run: 'replayed', cells }));
    const row = (price: string): Row => ({
      execution: 'replayed',
      row: 1,
      at: '2026-01-01T00:00:00Z',
      cells: ['"b"', price],
    });
    const replayOf = (price: string) => ({
      table: 'one',
      run: 'replayed',
      columns: [SKU, PRICE] as readonly Column[],
      rows: (async function* () {
        yield [row(price)];
      })(),
      signal: new AbortController().signal,
    });
    expect(await postgres.store.replay(replayOf('-1'))).toMatchObject({ replayed: 0, rejected: 1, inserted: 0 });
    expect(await postgres.store.replay(replayOf('2'))).toMatchObject({ replayed: 1, rejected: 0, inserted: 1 });
    expect(await skus('one')).toEqual(['a', 'b', 'c']);
  });

  it('replaces by good rows only, and leaves the old ones where all are refused for another reason', async () => {
    await postgres.client.query(`CREATE TABLE one (sku text, price numeric CHECK (price > 0))`);
    await postgres.store.publish(replaceOf({ table: 'one', run: 'first', cells: [['"old"', '1']] }));
    await postgres.store.publish(replaceOf({ table: 'one', run: 'second', at: '2026-01-02T00:00:00Z', cells }));
    expect(await skus('one')).toEqual(['a', 'c']);
  });
});

/** Texts that Postgres would compress fit into an index all the same. */
function incompressible(length: number): string {
  let [text, seed] = ['', 7];
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    text += seed.toString(36);
  }
  return text.slice(0, length);
}
