import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { members } from '../../src/domain/json-members.js';

describe('the members of an object', () => {
  it('parse to the same values, in the same order', () => {
    const json = fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary', maxDepth: 4 });
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'a"b', '\\', '{', ':'));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, json), { selector: ([name]) => name }),
        fc.constantFrom('', '\t', ' \r\n'),
        (pairs, indent) => {
          // An integer-like key would change its place in an object, not in a text.
          const object = Object.fromEntries(pairs.map(([name, value]) => [`k${name}`, value]));
          const found = members(JSON.stringify(object, undefined, indent));
          const parsed = [...found].map(([name, raw]) => [name, JSON.parse(raw) as unknown]);
          expect(parsed).toStrictEqual(Object.entries(JSON.parse(JSON.stringify(object)) as object));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are as they stand in the text, without what is around them', () => {
    const text =
      ' { "a" : 1.10 , "b":\n12345678901234567890\t,"c":-0.0e+1,"d":[ 1, "]" ],"e":{"f": "}"} , "g":"\\u0041\\"","h":null } ';
    expect([...members(text)]).toStrictEqual([
      ['a', '1.10'],
      ['b', '12345678901234567890'],
      ['c', '-0.0e+1'],
      ['d', '[ 1, "]" ]'],
      ['e', '{"f": "}"}'],
      ['g', '"\\u0041\\""'],
      ['h', 'null'],
    ]);
  });

  it('count once by the last of one name, however it is written', () => {
    expect([...members(String.raw`{"a":1,"b":2,"\u0061":3}`)]).toStrictEqual([
      ['a', '3'],
      ['b', '2'],
    ]);
  });

  it('may be none, empty or have the names that objects have', () => {
    expect(members(' { } ').size).toBe(0);
    expect([...members('{"":"","__proto__":{}}')]).toStrictEqual([
      ['', '""'],
      ['__proto__', '{}'],
    ]);
  });

  it('may be nested deeply', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(members(`{"a":${deep},"b":1}`).get('a')).toBe(deep);
  });
});
