import { describe, expect, it } from 'vitest';
import { copyLine } from '../../../src/stores/postgres/copy-text.js';
import { postgresFailure } from '../../../src/stores/postgres/postgres-failure.js';
import { parseTableName } from '../../../src/stores/postgres/table-name.js';

describe('the name of a Postgres table', () => {
  it.each([
    ['prices', '"public"."prices"', 'public.prices'],
    ['public.prices', '"public"."prices"', 'public.prices'],
    ['shop.Prices', '"shop"."Prices"', 'shop.Prices'],
    ['"prices.2024"', '"public"."prices.2024"', 'public."prices.2024"'],
    ['shop."a.b"', '"shop"."a.b"', 'shop."a.b"'],
    ['"say ""hi"""', '"public"."say ""hi"""', 'public."say ""hi"""'],
  ])('%s is %s, known as %s', (table, sql, qualified) => {
    expect(parseTableName(table)).toMatchObject({ sql, qualified });
  });

  it.each([
    ['a.b.c', 'must be table or schema.table'],
    ['"a', 'must be table or schema.table'],
    ['a"b', 'must be table or schema.table'],
    ['shop.', 'a table name is empty'],
    ['.prices', 'a schema name is empty'],
    ['x'.repeat(64), 'is longer than 63 bytes'],
    ['ü'.repeat(32), 'is longer than 63 bytes'],
    ['a\nb', 'has control characters'],
    ['titanflow.tables', 'not for tables of rows'],
  ])('%j is refused: %s', (table, message) => {
    expect(() => parseTableName(table)).toThrow(message);
  });
});

describe('a failure of Postgres', () => {
  it('of a host with several addresses says what one of them said', () => {
    const error = new AggregateError([new Error('connect ECONNREFUSED ::1:1')]);
    expect(postgresFailure('db:1/x', error).message).toBe('Postgres at db:1/x: Error: connect ECONNREFUSED ::1:1');
  });
});

describe('a line of COPY text', () => {
  it('tells NULL from a backslash and an N, and keeps separators inside their field', () => {
    expect(copyLine([null, '\\N', 'a\tb\nc\rd\\', '', '\\.'])).toBe('\\N\t\\\\N\ta\\tb\\nc\\rd\\\\\t\t\\\\.\n');
  });
});
