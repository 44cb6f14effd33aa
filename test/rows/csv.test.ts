import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectFailure, split, values, type Options } from './split.js';

const csv: Options = { format: 'csv' };

function csvOf(rows: readonly (readonly string[])[], delimiter: string, newline: string): string {
  const quoted = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter));
  return quoted.map((row) => row + newline).join('');
}

describe('CSV', () => {
  it('gives an object of strings a row, in whatever chunks it comes', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'é', '😀', '\\') });
    const row = fc.tuple(field, field, field);
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    const form = fc.tuple(fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('\n', '\r\n'));
    fc.assert(
      fc.property(fc.array(row), form, sizes, (rows, [delimiter, newline], chunks) => {
        const document = csvOf([['x', 'y y', 'é,|;\n'], ...rows], delimiter, newline);
        const expected = rows.map(([x, y, z]) => ({ x: x || null, 'y y': y || null, 'é,|;\n': z || null }));
        expect(values(document, csv, chunks)).toStrictEqual(expected);
        expect(values(document, csv, [1])).toStrictEqual(expected);
      }),
    );
  });

  it.each<[string, string, unknown[]]>([
    ['quotes and line breaks in quotes', 'a,b\n"1, ""x""","2\n3"\n', [{ a: '1, "x"', b: '2\n3' }]],
    ['no line break after the last row', 'a,b\n1,2', [{ a: '1', b: '2' }]],
    [
      'CRLF, blank lines and a byte order mark',
      '\uFEFFa,b\r\n1,2\r\n\r\n3,4\r\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['empty fields, which are null', 'a,b\n,""\n', [{ a: null, b: null }]],
    ['an empty line where there is one column', 'a\n1\n\n2\n', [{ a: '1' }, { a: null }, { a: '2' }]],
    ['spaces, which belong to the field', 'a, b\n 1 ,2\n', [{ a: ' 1 ', ' b': '2' }]],
    ['a header alone', 'a,b\r\n', []],
  ])('may have %s', (_, document, expected) => {
    expect(values(document, csv)).toStrictEqual(expected);
    expect(values(document, csv, [1])).toStrictEqual(expected);
  });

  it('gives a text that parses to the value', () => {
    const records = split('__proto__,"a""b"\n1,"x\u0000y"\n', csv);
    expect(records.map(({ text }) => text)).toStrictEqual([String.raw`{"__proto__":"1","a\"b":"x\u0000y"}`]);
    expect(JSON.parse(records[0]?.text ?? '')).toStrictEqual(records[0]?.value);
  });

  it.each([
    ['', 'is empty'],
    ['a,b', 'within its header'],
    ['"a,b\n1,2\n', 'within a quote after 0 rows'],
    ['a,b\n1,2\n3,"4\n', 'within a quote after 1 rows'],
    ['a,b\n1,2\n3', 'row 1 of the CSV has 1 fields, its header has 2'],
    ['a,b\n1,2,3\n', 'row 0 of the CSV has 3 fields'],
    ['a,b\n1,"2"3\n', 'a quote in a wrong place'],
    ['<html>', 'HTML or XML instead of CSV'],
  ])('is incomplete: %j', (document, message) => {
    expectFailure(document, 'incomplete', message, csv);
  });

  it('cannot be read with columns of one name or of none', () => {
    expectFailure('a,b,a\n', 'unusable', 'has the column "a" twice', csv);
    expectFailure('a,,b\n', 'unusable', 'a column without a name', csv);
  });
});
