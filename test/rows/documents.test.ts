import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broken, cut, expectFailure, failure, split, values, type Options } from './split.js';

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const json = fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary', maxDepth: 4 });
const arrays = fc.array(json, { maxLength: 6 });
const indents = fc.constantFrom('', '  ', '\t', '\n \r');

describe('any array of JSON values', () => {
  it('gives the records that JSON.parse gives, in chunks of any sizes and under a key too', () => {
    fc.assert(
      fc.property(arrays, json, indents, sizes, (array, other, indent, chunks) => {
        const text = (value: unknown): string => JSON.stringify(value, undefined, indent);
        const expected = JSON.parse(JSON.stringify(array)) as unknown[];
        expect(values(text(array), {}, chunks)).toStrictEqual(expected);
        expect(values(text(array), {}, [1])).toStrictEqual(expected);
        expect(values(text({ a: other, items: array, z: [other] }), {}, chunks)).toStrictEqual(expected);
        const deeper = text({ b: { items: [other] }, a: { 'b c': array } });
        expect(values(deeper, { records: 'a.b c' }, chunks)).toStrictEqual(expected);
      }),
    );
  });

  it('is incomplete when it is cut off anywhere, under a key too', () => {
    const wrappers: readonly ((array: unknown[]) => unknown)[] = [(array) => array, (data) => ({ n: 1, data, z: '}' })];
    fc.assert(
      fc.property(
        arrays,
        fc.constantFrom(...wrappers),
        indents,
        fc.nat(),
        sizes,
        (array, wrap, indent, cut, chunks) => {
          const whole = Buffer.from(JSON.stringify(wrap(array), undefined, indent));
          const prefix = whole.subarray(0, Math.max(1, cut % whole.length));
          expect(failure(() => split(prefix, {}, chunks)).reason).toBe('incomplete');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the rows of a document', () => {
  const a = { a: 1 };
  const items: Options = { rowSchemaKeys: new Set(['items']) };

  it.each<[string, string, readonly unknown[], Options?]>([
    ['lines, some of them blank, with CRLF', '\n{"a":1}\r\n\r\n  {"a":1}\r\n\n', [a, a]],
    ['the one object in one line', '{"a":1}\n', [a]],
    ['the one empty object', '{}', [{}]],
    ...['data', 'items', 'results', 'records', 'rows'].map((key): [string, string, readonly unknown[]] => [
      `the array under ${key}`,
      `{"total":2,"nested":{"rows":[9]},"${key}":[{"a":1}],"next":null}`,
      [a],
    ]),
    ['none in an empty array under a key', '{"items":[],"total":0}', []],
    ['under a key that is written with escapes', String.raw`{"it\u0065ms":[{"a":1}]}`, [a]],
    ['not under another key', '{"others":[{"a":1}]}', [{ others: [a] }]],
    ['not under a key that holds no array', '{"data":{"a":1}}', [{ data: a }]],
    ['under the key that is no property of the schema', '{"items":[1],"data":[{"a":1}]}', [a], items],
    ['where `records` says, whatever the schema says', '{"items":[{"a":1}]}', [a], { ...items, records: 'items' }],
    ['where `records` says alone', '{"rows":[0],"data":{"x":[],"rows":[{"a":1}]}}', [a], { records: 'data.rows' }],
    ['JSON although CSV was asked for', '[{"a":1}]', [a], { format: 'csv' }],
  ])('are %s', (_, document, expected, options = {}) => {
    expect(values(document, options)).toStrictEqual(expected);
    expect(values(document, options, [1])).toStrictEqual(expected);
  });

  it('are not guessed', () => {
    expectFailure('{"data":[1],"data":[2]}', 'unusable', 'arrays under "data" and "data"');
    expectFailure('{"a":[1],"a":[2]}', 'unusable', '`records: a` is there twice', { records: 'a' });
    expectFailure(
      '{"data":{"items":{}}}',
      'no rows',
      '`records: data.items` is no array in the document, which has: data',
      {
        records: 'data.items',
      },
    );
    expectFailure('{"a":1}', 'no rows', 'is no array', { records: '__proto__' });
    expectFailure('[1]', 'unusable', 'leave out `records`', { records: 'data' });
  });
});

describe('a hostile document', () => {
  it('may hold brackets, quotes and backslashes in its strings', () => {
    const record = { 'k"]}': `${String.raw`[{"\",:]}`}${'\\'.repeat(65)}`, long: `${'x'.repeat(99)}\\"]`, last: '\\' };
    for (const chunks of [[1], [2], [7], []]) {
      expect(values(JSON.stringify([record, record]), {}, chunks)).toStrictEqual([record, record]);
    }
  });

  it('that is nested ten thousand levels deep and cut off is incomplete', () => {
    expectFailure('['.repeat(10_000) + ']'.repeat(9_999), 'incomplete', 'cut off');
    expectFailure('{"a":'.repeat(10_000), 'incomplete', 'cut off');
  });

  it.each([
    ['[1]\n[2]', 'something follows after the end of the document, at byte 5'],
    ['[1}', 'not valid JSON after 0 records, at byte 3'],
    ['{"data":[1],}', 'not valid JSON'],
    ['\uFEFF\n[1}', 'not valid JSON after 0 records, at byte 7'],
    ['{"data" [1]}', 'not valid JSON'],
    ['{,}', 'not valid JSON after 0 records, at byte 2'],
    ['{"a":NaN}', 'not valid JSON after 0 records: NaN at character 6'],
    ['[{"a":1},{"a"', 'cut off after 1 records, at byte 13'],
    ['{"a":1}\n{"a":', 'cut off within its last line, after 1 records'],
    ['{"a":1}\nsecret', 'cut off within its last line, after 1 records'],
    ['null', 'the document is `null` instead of JSON rows'],
    [' true\n', 'the document is `true` instead of JSON rows'],
    ['12.5', 'the document is a number instead of JSON rows'],
    [Buffer.from('\uFEFF[{"a":1}]', 'utf16le'), 'the document is text in UTF-16'],
    [Buffer.from('[{"a":1}]', 'utf16le'), 'the document is text in UTF-16'],
    [Buffer.from([0x5b, 0x31, 0xe2, 0x82]), 'ends within a character'],
  ])('is incomplete: %j', (document, message) => {
    expectFailure(document, 'incomplete', message);
  });

  it.each([
    [' \n', 'is empty'],
    ['\uFEFF', 'is empty'],
    ['Bad Gateway', 'the document is text, no array and no object, instead of JSON rows'],
    ['"processing"', 'the document is a string instead of JSON rows'],
    ['\n<!doctype html>', 'HTML or XML instead of JSON rows'],
    ['{\n"success":false,\n"error":null}\n', 'an error of the service'],
  ])('is no rows: %j', (document, message) => {
    expectFailure(document, 'no rows', message);
  });

  it('may be an error by its looks where the schema has these properties', () => {
    const document = '{"success":false,"error":"none found"}';
    expect(values(document, { rowSchemaKeys: new Set(['success', 'error']) })).toHaveLength(1);
    expectFailure(document, 'no rows', 'an error of the service', { records: 'data.items' });
    expectFailure(document, 'no rows', 'an error of the service', { format: 'csv' });
  });

  it('cannot hold a record that is longer than allowed, however it is cut in chunks', () => {
    const options = { maxRecordBytes: 10 };
    for (const chunks of [[], [1], [5]]) {
      expect(values('[            "12345678",\n            "é"]', options, chunks)).toStrictEqual(['12345678', 'é']);
      expect(values('{"a":1}\n            {"a":2}\n', options, chunks)).toStrictEqual([{ a: 1 }, { a: 2 }]);
    }
    const words = 'is longer than 10 bytes; the first 10 of them are kept';
    expect(broken('["ok", "12345678901", 3]', options)).toMatchObject([
      [1, expect.stringContaining('is longer than'), '"123456789'],
    ]);
    expect(broken('["ééééé",[1,[2,"]"]]]', options)).toMatchObject([
      [0, words, '"éééé\uFFFD'],
      [1, words, '[1,[2,"]"]'],
    ]);
    expect(cut('["ok","0123456789",3]', options).map(({ problem }) => problem)).toStrictEqual([
      undefined,
      words,
      undefined,
    ]);
    expect(broken('{"a":1}\n{"a":"1234"}\n{"a":2}\n', options)).toStrictEqual([[1, words, '{"a":"1234']]);
    expectFailure(
      '{"a":"1234"}',
      'unusable',
      'one object of more than 10 bytes, and has: a; say where its rows are',
      options,
    );
    expectFailure('{"data":[1],"b":"1234567"}', 'unusable', 'more than 10 bytes beside', options);
  });

  it('may hold records that are no JSON, among others', () => {
    const records = cut('[{"a":1},{"a":NaN},,{"a":"\u0001"},{"a":2}]');
    expect(records.map(({ text }) => text)).toStrictEqual(['{"a":1}', '{"a":NaN}', '', '{"a":"\u0001"}', '{"a":2}']);
    expect(cut('{"a":Infinity}\n{"a":1}\n').map(({ text }) => text)).toStrictEqual(['{"a":Infinity}', '{"a":1}']);
  });

  it('may hold records with bytes that are no UTF-8, wherever the chunks break', () => {
    for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const bad = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
      const place = `is not valid UTF-8: byte 0x${(bytes[0] ?? 0).toString(16)} at its byte 7`;
      for (const parts of [
        ['[{"a":"é"},', ',{"a":"€"}]'],
        ['{"a":"é"}\n', '\n{"a":"€"}\n'],
      ]) {
        const document = Buffer.concat([Buffer.from(parts[0] ?? ''), bad, Buffer.from(parts[1] ?? '')]);
        expect(broken(document)).toMatchObject([[1, place, expect.stringContaining('\uFFFD')]]);
        expect(cut(document)[2]?.text).toBe('{"a":"€"}');
      }
    }
  });

  it('never shows its data in an error', () => {
    for (const document of ['{"a":secret}', '{"a":1}\nsecret', '[1]secret', 'secret', '{"a":1}\n{"a":secret']) {
      expect(failure(() => split(document)).message).not.toContain('secret');
    }
  });
});
