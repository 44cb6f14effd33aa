import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { duckdbFailure } from '../../../src/stores/duckdb/duckdb-failure.js';

async function messageOf(statements: readonly string[]): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
    return '';
  } catch (error) {
    return duckdbFailure('mart.duckdb', error).message;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('a failure of DuckDB', () => {
  it.each([
    ['no number', ["SELECT 'canary'::DOUBLE"], 'Could not convert string'],
    ['out of range', ['SELECT 4711::TINYINT'], 'Type INT32'],
    ['too large a decimal', ["SELECT '4711'::DECIMAL(3, 1)"], 'Conversion Error'],
    ['an overflow', ['SELECT 9223372036854774711::BIGINT * 4711::BIGINT'], 'Overflow'],
    [
      'a key that is there',
      ['CREATE TABLE t (a TEXT PRIMARY KEY)', "INSERT INTO t VALUES ('canary'), ('canary')"],
      'Constraint Error',
    ],
    [
      'a CHECK',
      ["CREATE TABLE t (a TEXT, CHECK (a = 'x'))", "INSERT INTO t VALUES ('canary')"],
      'CHECK constraint failed',
    ],
    ['no JSON', ["SELECT '{\"canary'::JSON"], 'Malformed JSON'],
    ['no date', ["SELECT 'canary'::DATE"], 'date'],
  ])('because of %s says what can be mended, and nothing of the row', async (_, statements, told) => {
    const message = await messageOf(statements);
    expect(message).toContain(told);
    expect(message).not.toMatch(/canary|4711/);
  });

  it('of something else names what it is about', async () => {
    expect(await messageOf(['SELECT * FROM "no such table"'])).toContain('no such table');
  });
});
