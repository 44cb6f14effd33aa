import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../src/rows/document-error.js';
import type { RawRecord } from '../../src/rows/examiner.js';
import type { SplitOptions } from '../../src/rows/record-splitter.js';
import { split as splitBy } from './split.js';

function split(text: string | Buffer, options: Partial<SplitOptions> = {}, size = 7): RawRecord[] {
  return splitBy(text, options, [size]);
}

function texts(...args: Parameters<typeof split>): string[] {
  return split(...args).map(({ text }) => text);
}

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DocumentError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('an array', () => {
  it('in any chunking gives the records that JSON.parse gives', () => {
    const cases = fc.tuple(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 2));
    fc.assert(
      fc.property(cases, ([values, size, indent]) => {
        const text = JSON.stringify(values, null, indent);
        expect(split(text, {}, size).map(({ value }) => value)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('that is cut off anywhere is incomplete', () => {
    const cases = fc.tuple(fc.array(fc.jsonValue(), { minLength: 1 }), fc.double({ min: 0, max: 0.999, noNaN: true }));
    fc.assert(
      fc.property(cases, ([values, share]) => {
        const text = Buffer.from(JSON.stringify(values));
        expect(reasonOf(() => split(text.subarray(0, Math.max(1, Math.floor(text.length * share)))))).toBe(
          'incomplete',
        );
      }),
    );
  });

  it.each([
    ['[{"n":12345678901234567890123,"p":1.10}]', ['{"n":12345678901234567890123,"p":1.10}']],
    ['\ufeff[{"a":"ü€😀"}]', ['{"a":"ü€😀"}']],
    ['[{"a":"]}[\\"{"} , {"__proto__":1}]', ['{"a":"]}[\\"{"}', '{"__proto__":1}']],
    ['[]', []],
    [' [ 1 , "x" ] \n', ['1', '"x"']],
  ])('keeps the text of each record: %s', (text, records) => {
    expect(texts(text, {}, 1)).toEqual(records);
  });

  it('may be nested deeply', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    expect(texts(`[{"a":${deep}}]`, {}, 4096)).toEqual([`{"a":${deep}}`]);
  });
});

describe('rows', () => {
  const keys = (...names: string[]): Partial<SplitOptions> => ({ rowSchemaKeys: new Set(names) });

  it.each<[string, string, Partial<SplitOptions>, string[]]>([
    ['lines of NDJSON', '{"a":1}\n{"a":2}\n', {}, ['{"a":1}', '{"a":2}']],
    ['lines that hold a list each', '{"items":[1]}\n{"items":[2]}', {}, ['{"items":[1]}', '{"items":[2]}']],
    ['one object', '{\n  "a": {"b": [1]}\n}', {}, ['{\n  "a": {"b": [1]}\n}']],
    ['the list under data', '{"total":2,"data":[{"a":1},{"a":2}],"x":[]}', {}, ['{"a":1}', '{"a":2}']],
    ['the list in an envelope', '{"success":true,"data":[{"a":1}]}', {}, ['{"a":1}']],
    ['one object whose schema has the list', '{"items":[1,2]}', keys('items'), ['{"items":[1,2]}']],
    ['the list that records names', '{"data":{"items":[{"a":1}]}}', { records: 'data.items' }, ['{"a":1}']],
  ])('are %s', (_, text, options, records) => {
    expect(texts(text, options)).toEqual(records);
  });

  it.each([
    ['HTML', '<html></html>', 'no rows'],
    ['nothing', '', 'no rows'],
    ['an error in place of rows', '{"success":false,"error":{"code":"X","message":"y"}}', 'no rows'],
    ['more after the end', '[1] [2]', 'incomplete'],
    ['two lists', '{"data":[{"a":1}],"items":[{"a":1}]}', 'unusable'],
  ])('are not found in %s', (_, text, reason) => {
    expect(reasonOf(() => split(text))).toBe(reason);
  });

  it('longer than allowed are broken', () => {
    expect(() => split(`[{"a":"${'x'.repeat(200)}"}]`, { maxRecordBytes: 100 })).toThrow('is longer than 100 bytes');
    // Fifty characters, a hundred and fifty bytes.
    const wide = '漢'.repeat(50);
    expect(() => split(`a\n${wide}\n`, { format: 'csv', maxRecordBytes: 100 })).toThrow('is longer than 100 bytes');
    expect(split(`a\n${wide}\n`, { format: 'csv', maxRecordBytes: 160 })).toHaveLength(1);
  });
});

describe('CSV', () => {
  it('gives an object a row, with its quotes and line breaks', () => {
    const text = 'a,b\n"x, ""y""\nz",\n1,2\n';
    expect(split(text, { format: 'csv' }).map(({ value }) => value)).toEqual([
      { a: 'x, "y"\nz', b: null },
      { a: '1', b: '2' },
    ]);
  });

  it('that ends within quotes is incomplete', () => {
    expect(reasonOf(() => split('a,b\n1,"2', { format: 'csv' }))).toBe('incomplete');
  });
});
