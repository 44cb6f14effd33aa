import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { broken, cut, expectFailure, split, values, type Options } from './split.js';

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
    ['a,b', 'within its header'],
    ['"a,b\n1,2\n', 'within its header'],
    ['a"b,c\n1,2\n', 'the header row of the CSV has a quote in a wrong place'],
    ['a,b\n1,2\n3,"4\n', 'within a quote after 1 rows: it opens in line 3'],
    ['a,b\n1,2\n3', 'the CSV is cut off after 1 rows: line 3, its last, has 1 field, the header has 2'],
  ])('is incomplete: %j', (document, message) => {
    expectFailure(document, 'incomplete', message, csv);
  });

  it('is incomplete where its header is no UTF-8', () => {
    const message = 'the header row of the CSV is not valid UTF-8: byte 0xf6 at its byte 3';
    expectFailure(Buffer.from('gr\xf6\xdfe,b\n1,2\n', 'latin1'), 'incomplete', message, csv);
  });

  it.each([
    ['', 'is empty'],
    ['<html>', 'HTML or XML instead of CSV'],
  ])('is no rows: %j', (document, message) => {
    expectFailure(document, 'no rows', message, csv);
  });

  it('gives columns of one name numbers, and calls those without a name by their place', () => {
    expect(values('a,b,a,a_2,a\n1,2,3,4,5\n', csv)).toStrictEqual([{ a: '1', b: '2', a_3: '3', a_2: '4', a_4: '5' }]);
    expect(values('a,,b,\n1,,2,\n3,x,4,\n', csv)).toStrictEqual([
      { a: '1', b: '2' },
      { a: '3', column_2: 'x', b: '4' },
    ]);
  });
});

describe('a row of CSV that cannot be read is a broken record, and the others are there', () => {
  it.each<[string, string, [number, string, string][], unknown[]]>([
    [
      'too few fields',
      'a,b\n1,2\n3\n4,5\n',
      [[1, 'line 3 has 1 field, the header has 2', '3']],
      [
        { a: '1', b: '2' },
        { a: '4', b: '5' },
      ],
    ],
    [
      'too many fields',
      'a,b\n1,2,3\n4,5',
      [[0, 'line 2 has 3 fields, the header has 2', '1,2,3']],
      [{ a: '4', b: '5' }],
    ],
    [
      'too many fields, in the last row',
      'a,b\n1,2\n3,4,5',
      [[1, 'line 3 has 3 fields, the header has 2', '3,4,5']],
      [{ a: '1', b: '2' }],
    ],
    [
      'a quote within a field',
      'a,b\n5" pipe,1\n2,3\n',
      [[0, 'line 2 has a quote in a wrong place, in field 1', '5" pipe,1']],
      [{ a: '2', b: '3' }],
    ],
    [
      'something behind a closing quote',
      'a,b\n1,"2"3\r\n4,5\r\n',
      [[0, 'line 2 has a quote in a wrong place, in field 2', '1,"2"3']],
      [{ a: '4', b: '5' }],
    ],
    [
      'a quote that is not closed',
      'a,b\n"1,2\n3,4\n5,6\n',
      [[0, 'line 2 has a quote that is not closed', '"1,2']],
      [
        { a: '3', b: '4' },
        { a: '5', b: '6' },
      ],
    ],
    [
      'two quotes that are not closed',
      'a,b\n"1,2\n3,4\n"5,6\n7,8\n',
      [
        [0, 'line 2 has a quote in a wrong place, in field 1', '"1,2'],
        [2, 'line 4 has a quote that is not closed', '"5,6'],
      ],
      [
        { a: '3', b: '4' },
        { a: '7', b: '8' },
      ],
    ],
    [
      'a quote that is not closed, before one that is',
      'a,b\n"1,2\n3,"x, y"\n',
      [[0, 'line 2 has a quote in a wrong place, in field 1', '"1,2']],
      [{ a: '3', b: 'x, y' }],
    ],
    [
      'several lines and a quote in a wrong place',
      'a,b\n"one\ntwo" x,2\n3,4\n',
      [[0, 'line 2 has a quote in a wrong place, in field 1', '"one\ntwo" x,2']],
      [{ a: '3', b: '4' }],
    ],
    [
      'a NUL, too',
      'a,b\n1\u0000,2,3\n4,5\n',
      [[0, 'line 2 has 3 fields, the header has 2', String.raw`1\u0000,2,3`]],
      [{ a: '4', b: '5' }],
    ],
  ])('%s', (_, document, expected, others) => {
    expect(broken(document, csv)).toStrictEqual(expected);
    const read = cut(document, csv).filter(({ problem }) => problem === undefined);
    expect(read.map(({ text }) => JSON.parse(text) as unknown)).toStrictEqual(others);
  });

  it('bytes that are no UTF-8', () => {
    const document = Buffer.from('a,b\nCaf\xe9,1\nx,2\n"M\xfcller\nK\xf6ln",3\n', 'latin1');
    expect(broken(document, csv)).toStrictEqual([
      [0, 'line 2 is not valid UTF-8: byte 0xe9 at its byte 4', 'Caf\uFFFD,1'],
      [2, 'line 4 is not valid UTF-8: byte 0xfc at its byte 3', '"M\uFFFDller\nK\uFFFDln",3'],
    ]);
    expect(cut(document, csv)[1]?.text).toBe('{"a":"x","b":"2"}');
  });

  it('more bytes than a record may have, of which the first are kept', () => {
    const long = `1,"${'x\ny'.repeat(100)}"`;
    for (const sizes of [[], [1], [50]]) {
      const records = cut(`a,b\n1,2\n${long}\n3,4\n`, { ...csv, maxRecordBytes: 60 }, sizes);
      expect(records.map(({ row, problem }) => [row, problem?.slice(0, 27)])).toStrictEqual([
        [0, undefined],
        [1, 'is longer than 60 bytes; th'],
        [2, undefined],
      ]);
      expect(long.startsWith(records[1]?.text.slice(0, 40) ?? '-')).toBe(true);
    }
  });

  it('a quote that is not closed within as many bytes as a record may have', () => {
    const rows = Array.from({ length: 50 }, (_, row) => `${row},x\n`).join('');
    for (const sizes of [[], [1], [7], [50]]) {
      const records = cut(`a,b\n"y,1\n${rows}`, { ...csv, maxRecordBytes: 60 }, sizes);
      expect(records[0]).toMatchObject({ text: '"y,1', problem: 'line 2 has a quote that is not closed' });
      expect(records.slice(1).map(({ text }) => text)).toStrictEqual(
        Array.from({ length: 50 }, (_, row) => `{"a":"${row}","b":"x"}`),
      );
    }
  });

  it('wherever rows are spoiled: those that are not are read as an independent parser reads them', () => {
    const field = fc.stringMatching(/^[a-z ]{1,6}$/);
    const good = fc.tuple(field, field, field).map((fields) => `${fields.join(',')}\n`);
    const bad = fc.constantFrom('x,y\n', 'x,y,z,u\n', 'x"y,z,u\n', '"x"y,z,u\n', 'x,y,"z" \n');
    const rows = fc.array(fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: bad }), { maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }), (lines, sizes) => {
        const document = `p,q,r\n${lines.join('')}a,b,c\n`;
        const records = cut(document, csv, sizes);
        expect(records).toStrictEqual(cut(document, csv));
        const read = records.filter(({ problem }) => problem === undefined).map(({ text }) => text);
        const expected = lines.filter((line) => /^[a-z ]+,[a-z ]+,[a-z ]+\n$/.test(line)).join('');
        const parsed: unknown[] = parse(`p,q,r\n${expected}a,b,c\n`, { columns: true });
        expect(read.map((text) => JSON.parse(text) as unknown)).toEqual(parsed);
      }),
      { numRuns: 2_000 },
    );
  });
});
