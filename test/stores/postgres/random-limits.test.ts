import * as fc from 'fast-check';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/domain/rows.js';
import { loadOf } from '../loads.js';
import { openUrl, withPostgres } from './with-postgres.js';

const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(9_999)).map(([whole, part]) => `${whole}.${part}`),
);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 9 }), fc.constantFrom('ä', '€', '📱', 'x'.repeat(30)));

/** A column as somebody has made it, with what comes for it. */
const limited = fc.oneof(
  fc.record({
    type: fc.constant('text' as const),
    sql: fc.oneof(
      fc.nat(8).map((n) => `varchar(${n + 1})`),
      fc.constantFrom('text', 'char(4)'),
    ),
    value: text.map((value) => JSON.stringify(value)),
  }),
  fc.record({
    type: fc.constant('numeric' as const),
    sql: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(6)).map(([p, s]) => `numeric(${Math.max(p, s)},${s})`),
      fc.constantFrom('integer', 'smallint', 'double precision', 'real', 'numeric'),
    ),
    value: number,
  }),
);

const table = fc.array(limited, { minLength: 1, maxLength: 3 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    isNotNull: fc.boolean(),
    limit: fc.nat(12),
    rows: fc.array(
      fc.tuple(
        ...columns.map(() =>
          fc.oneof(
            text.map((value) => JSON.stringify(value)),
            number,
          ),
        ),
      ),
      { maxLength: 20 },
    ),
    mode: fc.constantFrom('append', 'merge', 'replace'),
  }),
);

describe('random rows into tables with random limits', () => {
  const postgres = withPostgres();

  it.each(['UTF8', 'LATIN1'])(
    'are there as they came, or rejects: %s',
    async (encoding) => {
      const name = `limits_${encoding.toLowerCase()}`;
      await postgres.client.query(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
      const url = Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
      const client = new Client({ connectionString: url });
      const store = openUrl(url);
      let runs = 0;
      try {
        await client.connect();
        await fc.assert(
          fc.asyncProperty(table, fc.context(), async ({ columns, isNotNull, limit, rows, mode }, log) => {
            runs += 1;
            const definitions = columns.map(({ sql }, n) => `c${n} ${sql}${isNotNull ? ' NOT NULL' : ''}`);
            const ddl = `CREATE TABLE t${runs} (id text PRIMARY KEY, n bigint CHECK (n <> ${limit}), ${definitions.join(', ')})`;
            log.log(ddl);
            await client.query(ddl);
            const named: readonly Column[] = [
              { name: 'id', type: 'text' },
              { name: 'n', type: 'bigint' },
              ...columns.map(({ type }, n): Column => ({ name: `c${n}`, type })),
            ];
            // A value of the wrong kind never gets so far: the schema rejects it.
            const cells = rows.map((values, row) => [
              `"r${row}"`,
              String(row),
              ...values.map((value, n) => (value.startsWith('"') === (columns[n]?.type === 'text') ? value : 'null')),
            ]);
            const load = loadOf({ table: `t${runs}`, run: `run-${runs}`, mode, key: ['id'], columns: named, cells });
            await store.check(load.publication, load.owner, named);
            const receipt = await store.publish(load);
            expect(receipt.rows + receipt.rejected).toBe(cells.length);
            const found = await client.query<Record<string, string | null>>(
              `SELECT n::int AS place, ${columns.map(({ type }, n) => (type === 'numeric' ? `c${n}::float8::text` : `rtrim(c${n}) `) + ` AS c${n}`).join(', ')} FROM t${runs}`,
            );
            expect(found.rows).toHaveLength(receipt.inserted);
            for (const { place, ...values } of found.rows) {
              for (const [n, { type }] of columns.entries()) {
                const raw = cells[Number(place)]?.[n + 2] ?? 'null';
                const value = values[`c${n}`];
                if (raw === 'null') expect(value).toBe(null);
                else if (type === 'text') expect(value).toBe(String(JSON.parse(raw)).replace(/ +$/, ''));
                else expect(Math.fround(Number(value))).toBe(Math.fround(Number(raw)));
              }
            }
            expect(found.rows.some(({ place }) => Number(place) === limit)).toBe(false);
          }),
          { numRuns: Number(process.env['RANDOM_LOADS'] ?? '25') },
        );
      } finally {
        await client.end();
        await store.close();
        await postgres.client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }
    },
    180_000,
  );
});
