import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/domain/rows.js';
import { countsOf, inBatches, loadOf, SECOND, SKU } from '../loads.js';
import { openUrl, withPostgres } from './with-postgres.js';

describe('a load into postgres', () => {
  const postgres = withPostgres();

  it('takes rows and a great many rejects of its own over one connection', async () => {
    const columns = [SKU, { name: 'n', type: 'bigint' }] as const;
    const long = `"${'x'.repeat(4000)}"`;
    async function* rows(): AsyncGenerator<readonly Row[]> {
      for (let from = 0; from < 4000; from += 100) {
        yield Array.from({ length: 100 }, (_, index) => {
          const row = from + index;
          return { execution: 'many', row, at: SECOND, cells: [long, row % 2 === 0 ? '1' : '1e30'] };
        });
      }
    }
    const receipt = await postgres.store.publish(
      loadOf({ table: 'many', run: 'many', columns, rows: rows(), records: 4000 }),
    );
    expect(countsOf(receipt)).toEqual({ records: 4000, rows: 2000, inserted: 2000, rejected: 2000 });
    expect(await postgres.valuesOf('SELECT count(*)::int FROM many')).toEqual([2000]);
    expect(
      await postgres.valuesOf(
        `SELECT count(DISTINCT row)::int FROM titanflow.rejects WHERE run = 'many' AND length(raw) > 4000`,
      ),
    ).toEqual([2000]);
  });

  it('is the same where its rows are known to be plain', async () => {
    const columns = [
      { name: 'sku', type: 'text' },
      { name: 'n', type: 'bigint' },
      { name: 'price', type: 'numeric' },
      { name: 'yes', type: 'boolean' },
      { name: 'at', type: 'timestamptz' },
      { name: 'more', type: 'jsonb' },
    ] as const;
    const cells = [
      ['"a b é😀"', '-12', '0.50', 'true', '"2026-01-31T23:59:59.5Z"', '{"a": [1, "b|,", null]}'],
      ['""', '0', '1', 'false', undefined, '"a text"'],
      ['null', 'null', 'null', 'null', 'null', 'null'],
      [undefined, '7', undefined, undefined, undefined, '[]'],
    ];
    for (const [table, isPlain] of [['looked_at', false] as const, ['plain', true] as const]) {
      const rows = inBatches(cells.map((texts, row) => ({ execution: 'e', row, at: SECOND, cells: texts, isPlain })));
      await postgres.store.publish(loadOf({ table, run: table, columns, rows, records: cells.length }));
    }
    const differences = 'TABLE looked_at EXCEPT TABLE plain';
    expect(await postgres.valuesOf(differences)).toEqual([]);
    expect(await postgres.valuesOf('SELECT count(*)::int FROM plain')).toEqual([4]);
    // Where the table has another type, they are looked at all the same.
    const texts = { columns: [{ name: 'more', type: 'text' }] as const, table: 'plain', run: 'texts', records: 1 };
    const rows = inBatches([{ execution: 'e', row: 9, at: SECOND, cells: ['"x"'], isPlain: true }]);
    await postgres.store.publish(loadOf({ ...texts, rows }));
    expect(await postgres.valuesOf(`SELECT more FROM plain WHERE _titan_row = 9`)).toEqual(['x']);
  });

  it('is told once of which execution all rows are', async () => {
    const one = { table: 'one', run: `it's "one"`, at: SECOND, key: ['sku'], mode: 'merge' } as const;
    const load = (cells: readonly (readonly string[])[], run: string) => ({
      ...loadOf({ ...one, records: cells.length }),
      rows: inBatches(cells.map((texts, row) => ({ execution: run, row, at: SECOND, cells: texts }))),
      isOfOneExecution: true,
    });
    await postgres.store.publish(
      load(
        [
          ['"a"', '1'],
          ['"b"', '2'],
        ],
        one.run,
      ),
    );
    expect(
      await postgres.valuesOf(
        `SELECT concat_ws(' ', sku, _titan_execution, _titan_row, _titan_at) FROM one ORDER BY 1`,
      ),
    ).toEqual([`a it's "one" 0 2026-01-01 00:00:00.5+00`, `b it's "one" 1 2026-01-01 00:00:00.5+00`]);
    const other = { ...load([['"c"', '3']], 'another'), run: 'two' };
    await expect(postgres.store.publish(other)).rejects.toThrow('row 0 is not of run two, but of another');
  });

  it('leaves it to policies which rows a role may add', async () => {
    const role = `watched_${process.pid}`;
    await postgres.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'watched'`);
    await postgres.store.publish(loadOf({ table: 'policed', cells: [['"x"', '1']] }));
    await postgres.client.query(`
      ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
      CREATE POLICY cheap ON policed FOR INSERT TO ${role} WITH CHECK (price < 10);
      GRANT USAGE ON SCHEMA titanflow TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA titanflow TO ${role};
      GRANT INSERT ON policed TO ${role}`);
    const watched = openUrl(Object.assign(new URL(postgres.url), { username: role, password: 'watched' }).href);
    await watched.publish(loadOf({ table: 'policed', run: 'cheap', cells: [['"y"', '2']] }));
    const cells = [
      ['"z"', '20'],
      ['"w"', '3'],
    ];
    const receipt = await watched.publish(loadOf({ table: 'policed', run: 'dear', cells }));
    await watched.close();
    expect(countsOf(receipt)).toEqual({ records: 2, rows: 1, rejected: 1, inserted: 1 });
    expect(await postgres.valuesOf('SELECT sku FROM policed ORDER BY sku')).toEqual(['w', 'x', 'y']);
    expect(await postgres.valuesOf(`SELECT reason FROM titanflow.rejects WHERE run = 'dear'`)).toEqual([
      expect.stringContaining('violates row-level security policy'),
    ]);
    await postgres.client.query(`DROP TABLE policed; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});
