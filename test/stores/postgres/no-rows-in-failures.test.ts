import { describe, expect, it } from 'vitest';
import { postgresFailure } from '../../../src/stores/postgres/postgres-failure.js';
import { withPostgres } from './with-postgres.js';

const CANARY = 'canary-4711';

describe('a failure of Postgres', () => {
  const postgres = withPostgres();

  async function messageOf(statements: readonly string[]): Promise<string> {
    const error: unknown = await postgres.client.query(statements.join('; ')).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    return postgresFailure('db:5432/x', error).message;
  }

  it.each([
    ['a CHECK', ['CREATE TEMP TABLE c (a text, CHECK (a = $$x$$))', `INSERT INTO c VALUES ('${CANARY}')`], 'c_a_check'],
    ['NOT NULL', ['CREATE TEMP TABLE n (a text, b int NOT NULL)', `INSERT INTO n VALUES ('${CANARY}')`], '"b"'],
    [
      'a key that is there',
      ['CREATE TEMP TABLE k (a text PRIMARY KEY)', `INSERT INTO k VALUES ('${CANARY}'), ('${CANARY}')`],
      'Key (a)',
    ],
    [
      'a foreign key',
      [
        'CREATE TEMP TABLE p (a text PRIMARY KEY)',
        'CREATE TEMP TABLE f (a text REFERENCES p)',
        `INSERT INTO f VALUES ('${CANARY}')`,
      ],
      'Key (a)',
    ],
    [
      'an index that cannot be unique',
      [`CREATE TEMP TABLE i AS SELECT '${CANARY}' AS a FROM generate_series(1, 2)`, 'CREATE UNIQUE INDEX ON i (a)'],
      'Key (a)',
    ],
    ['no number', [`SELECT '${CANARY}'::numeric`], 'type numeric'],
    ['no number, on several lines', [`SELECT E'${CANARY}\\n"x"\\n${CANARY}'::numeric`], 'type numeric'],
    ['no JSON', [`SELECT '{"${CANARY}'::jsonb`], 'type json'],
    ['no date', [`SELECT '2026-13-45 ${CANARY}'::date`], '(22'],
    ['out of range', ["SELECT '4711471147114711'::int"], 'out of range'],
    [
      'no partition',
      ['CREATE TEMP TABLE r (a text) PARTITION BY LIST (a)', `INSERT INTO r VALUES ('${CANARY}')`],
      'no partition',
    ],
    ['a function', [`DO $$ BEGIN RAISE EXCEPTION 'bad price ${CANARY}'; END $$`], 'a function or a trigger'],
    [
      'a function with a code of ours',
      [`DO $$ BEGIN RAISE check_violation USING MESSAGE = '${CANARY}'; END $$`],
      'a function or a trigger',
    ],
    [
      'a function with a code of its own',
      [`DO $$ BEGIN RAISE EXCEPTION '${CANARY}' USING ERRCODE = 'TF001'; END $$`],
      'a function or a trigger',
    ],
  ])('because of %s says what can be mended, and nothing of the row', async (_, statements, told) => {
    const message = await messageOf(statements);
    expect(message).toContain(told);
    expect(message).not.toMatch(/canary|4711/);
  });

  it('of something else keeps its details', async () => {
    const message = await messageOf([
      'CREATE TEMP TABLE d (a int)',
      'CREATE TEMP VIEW v AS SELECT a FROM d',
      'DROP TABLE d',
    ]);
    expect(message).toContain('cannot drop table d');
  });
});
