import { describe, expect, it } from 'vitest';
import type { Column, ColumnType } from '../../../src/domain/rows.js';
import { countsOf, loadOf, mergeOf, publicationOf } from '../loads.js';
import { withPostgres } from './with-postgres.js';

/** What people and other tools give to columns: which values fit, and what a reader finds then. */
const CASES: readonly (readonly [
  type: string,
  from: ColumnType,
  fit: readonly [string, string][],
  unfit: readonly [string, string][],
])[] = [
  [
    'integer',
    'bigint',
    [
      ['2147483647', '2147483647'],
      ['1e3', '1000'],
    ],
    [
      ['2147483648', 'too big for integer'],
      ['1.5', 'not an integer'],
    ],
  ],
  ['integer', 'numeric', [['12.0', '12']], [['12.5', 'not an integer']]],
  ['smallint', 'bigint', [['-32768', '-32768']], [['32768', 'too big for smallint']]],
  [
    'double precision',
    'numeric',
    [
      ['0.1', '0.1'],
      ['10.50', '10.5'],
      ['1e300', '1e+300'],
      ['9007199254740992', '9.007199254740992e+15'],
    ],
    [
      ['9007199254740993123', 'more digits than a double'],
      ['1e400', 'too big or too small'],
    ],
  ],
  [
    'real',
    'numeric',
    [
      ['0.1', '0.1'],
      ['16777216', '1.6777216e+07'],
      ['19.99', '19.99'],
    ],
    [
      ['16777217', 'more digits than a real'],
      ['1e40', 'more digits than a real'],
    ],
  ],
  [
    'numeric(10,2)',
    'numeric',
    [
      ['12345678.90', '12345678.90'],
      ['1.5000', '1.50'],
      ['0', '0.00'],
    ],
    [
      ['1.005', 'more than 2 decimals'],
      ['123456789', 'too big for numeric(10,2)'],
      ['1e-3', 'more than 2 decimals'],
    ],
  ],
  [
    'varchar(5)',
    'text',
    [
      ['"abcde"', 'abcde'],
      ['"📱📱📱📱📱"', '📱📱📱📱📱'],
    ],
    [
      ['"abcdef"', 'more than 5 characters'],
      ['"abcde "', 'more than 5 characters'],
    ],
  ],
  ['char(3)', 'text', [['"abc"', 'abc']], [['"abcd"', 'more than 3 characters']]],
  [
    'uuid',
    'text',
    [['"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    [
      ['"a0eebc99"', 'no UUID'],
      ['""', 'no UUID'],
    ],
  ],
  [
    'date',
    'text',
    [['"2026-02-28"', '2026-02-28']],
    [
      ['"2026-02-30"', 'not a date and time'],
      ['"28.2.2026"', 'no date such as'],
      ['"2026-02-28 10:00"', 'time of day'],
    ],
  ],
  [
    'date',
    'timestamptz',
    [['"2026-02-28T00:00:00Z"', '2026-02-28']],
    [
      ['"2026-02-28T01:00:00Z"', 'time of day'],
      ['"2026-02-28T00:00:00+02:00"', 'time of day'],
    ],
  ],
  [
    'timestamp',
    'timestamptz',
    [
      ['"2026-02-28T01:30:00+02:00"', '2026-02-27 23:30:00'],
      ['"2026-02-28T01:30:00.25Z"', '2026-02-28 01:30:00.25'],
    ],
    [['"2026-02-28T01:30:00.1234567Z"', 'more than 6 decimals']],
  ],
  ['timestamp', 'text', [['"2026-02-28 01:30:00"', '2026-02-28 01:30:00']], [['"yesterday"', 'not an RFC 3339']]],
  ['json', 'jsonb', [['{"a":1.10}', '{"a":1.10}']], [[String.raw`{"a":"\u0000"}`, 'NUL']]],
  ['mood', 'text', [['"good"', 'good']], [['"bad"', 'none of the labels']]],
  [
    'postcode',
    'text',
    [['"12345"', '12345']],
    [
      ['"1234"', 'violates check constraint'],
      ['"123456"', 'more than 5 characters'],
    ],
  ],
];

describe('a table of another tool', () => {
  const postgres = withPostgres();

  it.each(CASES)(
    'with a column %s takes %s where it fits; else the row is a reject',
    async (type, from, fit, unfit) => {
      await postgres.client.query(`
      DROP TABLE IF EXISTS theirs; DROP TYPE IF EXISTS mood; DROP DOMAIN IF EXISTS postcode;
      CREATE TYPE mood AS ENUM ('good', 'better');
      CREATE DOMAIN postcode AS varchar(5) CHECK (length(VALUE) = 5);
      CREATE TABLE theirs (id text PRIMARY KEY, value ${type})`);
      const columns: readonly Column[] = [
        { name: 'id', type: 'text' },
        { name: 'value', type: from },
      ];
      const cells = [...fit, ...unfit, ['null'] as const, [undefined] as const].map(([raw], n) => [`"${n}"`, raw]);
      for (const mode of type === 'json' ? (['append'] as const) : (['append', 'merge'] as const)) {
        const load = loadOf({ table: 'theirs', run: `${type} ${from} ${mode}`, mode, key: ['id'], columns, cells });
        await postgres.client.query('TRUNCATE theirs');
        await postgres.store.check(load.publication, load.owner, columns);
        const receipt = await postgres.store.publish(load);
        expect(countsOf(receipt)).toEqual({
          records: cells.length,
          rows: cells.length - unfit.length,
          rejected: unfit.length,
          inserted: cells.length - unfit.length,
        });
        expect(await postgres.valuesOf('SELECT value::text FROM theirs ORDER BY id::int')).toEqual([
          ...fit.map(([, read]) => read),
          null,
          null,
        ]);
        const reasons = await postgres.valuesOf(
          `SELECT reason FROM titanflow.rejects WHERE run = '${load.run}' ORDER BY row`,
        );
        expect(reasons).toEqual(unfit.map(([, reason]) => expect.stringContaining(reason)));
      }
    },
  );

  it('that must not have nulls makes rejects of them', async () => {
    await postgres.client.query('CREATE TABLE filled (id text PRIMARY KEY, value integer NOT NULL)');
    const columns: readonly Column[] = [
      { name: 'id', type: 'text' },
      { name: 'value', type: 'bigint' },
    ];
    const cells = [
      ['"a"', '1'],
      ['"b"', 'null'],
      ['"c"', undefined],
    ];
    const receipt = await postgres.store.publish(
      mergeOf({ table: 'filled', run: 'filled', key: ['id'], columns, cells }),
    );
    expect(countsOf(receipt)).toEqual({ records: 3, rows: 1, rejected: 2, inserted: 1 });
    expect(await postgres.valuesOf(`SELECT reason FROM titanflow.rejects WHERE run = 'filled' LIMIT 1`)).toEqual([
      '"value" is null, which the column must not be',
    ]);
  });

  describe('is checked by a rehearsal', () => {
    it.each([
      [
        'a generated column',
        'price numeric, sku text GENERATED ALWAYS AS (price::text) STORED',
        'append',
        /"sku" is generated by Postgres/,
      ],
      [
        'an identity column',
        'sku text, price bigint GENERATED ALWAYS AS IDENTITY',
        'append',
        /"price" is GENERATED ALWAYS AS IDENTITY/,
      ],
      [
        'types that hold none of it',
        'sku inet, price bytea',
        'append',
        /2 columns do not fit: "sku" is inet, but the rows have text; "price" is bytea/,
      ],
      [
        'partitions by another key',
        'sku text, price numeric) PARTITION BY RANGE (price',
        'merge',
        /a load would fail: .*unique constraint on partitioned table must include all partitioning columns/,
      ],
      [
        'a column that must be filled',
        'sku text, price numeric, must text NOT NULL',
        'merge',
        /"must" must not be null/,
      ],
    ] as const)('with %s', async (_, columns, mode, message) => {
      await postgres.client.query(`DROP TABLE IF EXISTS odd; CREATE TABLE odd (${columns})`);
      const load = loadOf({ table: 'odd', mode, key: ['sku'] });
      await expect(postgres.store.check(load.publication, 'p', load.columns)).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringMatching(message),
      });
    });

    it('with more columns than a table can have', async () => {
      const many = Array.from({ length: 1_650 }, (_, n): Column => ({ name: `c${n}`, type: 'text' }));
      await expect(postgres.store.check(publicationOf({ table: 'wide' }), 'p', many)).rejects.toThrow(
        'tables can have at most 1600 columns',
      );
      await expect(postgres.store.check(publicationOf({ table: 'good' }), 'p', many.slice(0, 1_000))).resolves.toBe(
        undefined,
      );
    });

    it('whose changes are published for replication', async () => {
      await postgres.client.query('CREATE TABLE theirs_cdc (sku text, price numeric)');
      await postgres.client.query('CREATE UNIQUE INDEX ON theirs_cdc (sku)');
      await postgres.client.query('CREATE PUBLICATION cdc FOR ALL TABLES');
      try {
        for (const mode of ['merge', 'replace'] as const) {
          const load = loadOf({ table: 'theirs_cdc', mode, key: ['sku'] });
          await expect(postgres.store.check(load.publication, 'p', load.columns)).rejects.toThrow(
            /a load would fail: .*does not have a replica identity.*set REPLICA IDENTITY/,
          );
          // Those that we make ourselves have one.
          const own = loadOf({ table: `ours_${mode}`, mode, key: ['sku'], cells: [['"a"', '1']] });
          await postgres.store.check(own.publication, 'p', own.columns);
          await postgres.store.publish(own);
          const next = loadOf({ table: `ours_${mode}`, mode, key: ['sku'], run: 'next', cells: [['"a"', '2']] });
          await postgres.store.check(next.publication, 'prices', next.columns);
          expect(await postgres.store.publish(next)).toMatchObject({ rows: 1 });
        }
      } finally {
        await postgres.client.query('DROP PUBLICATION cdc');
      }
    });

    it('which leaves nothing behind, and does not wait for a load that is under way', async () => {
      const load = loadOf({ table: 'rehearsed', mode: 'merge', key: ['sku'] });
      await postgres.store.check(load.publication, 'p', load.columns);
      expect(await postgres.valuesOf(`SELECT to_regclass('rehearsed')`)).toEqual([null]);
      await postgres.client.query('BEGIN; CREATE TABLE rehearsed (sku text)');
      await postgres.store.check(load.publication, 'p', load.columns);
      await postgres.client.query('ROLLBACK');
    });
  });
});
