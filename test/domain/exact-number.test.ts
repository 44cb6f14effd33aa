import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inexactNumber, isExact, parseExactly } from '../../src/domain/exact-number.js';

describe('a number that is written', () => {
  it.each([
    '0',
    '-0',
    '1.10',
    '01234',
    '1e5',
    '+1',
    '.5',
    '1.',
    '0x1F',
    '0o17',
    '9007199254740991',
    '0.1',
    '5e-324',
    '123.456e-7',
  ])('is exact: %s', (text) => {
    expect(isExact(text, Number(text))).toBe(true);
  });

  it.each([
    '9007199254740992',
    '9007199254740993',
    '-12345678901234567890',
    '1e22',
    '1e400',
    '1e-400',
    '0.1000000000000000055',
    '3.14159265358979323846',
    '0xFFFFFFFFFFFFFFFFF',
  ])('is not: %s', (text) => {
    expect(isExact(text, Number(text))).toBe(false);
  });

  it('is exact where a program writes what it has read', () => {
    fc.assert(
      fc.property(
        fc.double({ noDefaultInfinity: true, noNaN: true, max: 2 ** 53 - 1, min: -(2 ** 53 - 1) }),
        (value) => {
          expect(isExact(String(value), value)).toBe(true);
          expect(isExact(value.toExponential(), value)).toBe(true);
        },
      ),
    );
  });
});

describe('a JSON text', () => {
  it.each([
    ['{"a":[1.10,{"b":9007199254740993}]}', '9007199254740993'],
    [String.raw`{"a\"":"12345678901234567890","b":[1e400]}`, '1e400'],
    ['{"12345678901234567890":"0.1000000000000000055 \\\\"}', undefined],
    ['[1,2.50,-3e2,null]', undefined],
  ])('%s has %s as its first number that loses digits', (json, found) => {
    expect(inexactNumber(json)).toBe(found);
  });
});

describe('a JSON text that is parsed exactly', () => {
  it('keeps the digits that a number would lose as a text, and all else as it is', () => {
    const json = String.raw`{"id":9007199254740993123,"a":[1.10,-1e400,{"b":"9007199254740993 \\"}],"9007199254740993":0.1000000000000000055}`;

    expect(parseExactly(json)).toEqual({
      id: '9007199254740993123',
      a: [1.1, '-1e400', { b: String.raw`9007199254740993 ${'\\'}` }],
      '9007199254740993': '0.1000000000000000055',
    });
  });

  it('is what JSON.parse makes of it where no digit is lost', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(inexactNumber(json) === undefined);
        expect(parseExactly(json)).toEqual(JSON.parse(json));
      }),
    );
  });
});
