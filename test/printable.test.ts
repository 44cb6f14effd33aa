import { describe, expect, it } from 'vitest';
import { printable, shown } from '../src/printable.js';

describe('a text for a terminal', () => {
  it('keeps what people read', () => {
    expect(printable('{"title":"Größe 中文 🙂","a":"\\n"}')).toBe('{"title":"Größe 中文 🙂","a":"\\n"}');
    expect(printable('{\n\t"a": 1\r\n}')).toBe('{ "a": 1 }');
  });

  it.each([
    ['\u001B[31mred', String.raw`\u001b[31mred`],
    ['\u009B2J', String.raw`\u009b2J`],
    ['a\u0007\u0008b', String.raw`a\u0007\u0008b`],
    ['\u202Etxt.exe', String.raw`\u202etxt.exe`],
    ['\u2066x\u2069', String.raw`\u2066x\u2069`],
    ['line\u2028end', String.raw`line\u2028end`],
    ['half \uD83D.', String.raw`half \ud83d.`],
    ['\uDE42 half', String.raw`\ude42 half`],
  ])('takes the harm out of %j', (text, safe) => {
    expect(printable(text)).toBe(safe);
  });

  it('is cut where it is long, and says so', () => {
    expect(printable('x'.repeat(5_000), 10)).toBe('xxxxxxxxxx… (5000 characters; --json shows all)');
  });
});

describe('a value for a line', () => {
  it('has all of its texts made printable, keys too, and keeps what else it holds', () => {
    const at = new Date(0);
    const value = { 'a\u001b': ['b\nc', { d: '\u202ee' }], at, n: 1, none: undefined };
    expect(shown(value)).toEqual({
      [String.raw`a\u001b`]: ['b c', { d: String.raw`\u202ee` }],
      at,
      n: 1,
      none: undefined,
    });
  });
});
