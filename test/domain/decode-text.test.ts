import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/domain/decode-text.js';

const YAML = 'name: Käse\nsteps: { s: { task: { name: "für Köln €" } } }\n';

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function utf32(text: string, isLittle: boolean): Buffer {
  const units = Array.from(text, (character) => {
    const unit = Buffer.alloc(4);
    const code = character.codePointAt(0) ?? 0;
    if (isLittle) unit.writeUInt32LE(code);
    else unit.writeUInt32BE(code);
    return unit;
  });
  return Buffer.concat(units);
}

const notUtf8 = (byte: string): string =>
  `the file is not UTF-8: the byte 0x${byte} is no character here, but would be in Latin-1 or Windows-1252; save it as UTF-8`;

describe('a file', () => {
  it('of UTF-8 is the text that was written, with or without a byte order mark', () => {
    expect(decodeText(Buffer.from(YAML))).toEqual({ text: YAML });
    expect(decodeText(Buffer.from(`\uFEFF${YAML}`))).toEqual({ text: `\uFEFF${YAML}` });
    expect(decodeText(Buffer.alloc(0))).toEqual({ text: '' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\0'));
        expect(decodeText(Buffer.from(text))).toEqual({ text });
      }),
    );
  });

  it.each([
    ['UTF-16 (little-endian)', Buffer.from(`\uFEFF${YAML}`, 'utf16le')],
    ['UTF-16 (little-endian)', Buffer.from(YAML, 'utf16le')],
    ['UTF-16 (big-endian)', utf16be(`\uFEFF${YAML}`)],
    ['UTF-16 (big-endian)', utf16be(YAML)],
    ['UTF-32 (little-endian)', utf32(`\uFEFF${YAML}`, true)],
    ['UTF-32 (little-endian)', utf32(YAML, true)],
    ['UTF-32 (big-endian)', utf32(`\uFEFF${YAML}`, false)],
    ['UTF-32 (big-endian)', utf32(YAML, false)],
  ])('of %s is refused by its name', (encoding, bytes) => {
    expect(decodeText(bytes)).toEqual({
      line: 1,
      column: 1,
      message: `the file is ${encoding}, not UTF-8: save it as UTF-8`,
    });
  });

  it.each([
    ['Latin-1', Buffer.from('a: b\nname: Käse\n', 'latin1'), { line: 2, column: 8, message: notUtf8('E4') }],
    ['Windows-1252', Buffer.from([0x61, 0x80]), { line: 1, column: 2, message: notUtf8('80') }],
    ['columns of characters', Buffer.concat([Buffer.from('ä€ '), Buffer.from([0xfc])]), { line: 1, column: 4 }],
    ['half a character at its end', Buffer.from([0x61, 0x0a, 0xe2, 0x82]), { line: 2, column: 1 }],
    ['a character that is written too long', Buffer.from([0xc0, 0xaf]), { line: 1, column: 1 }],
    ['half of a pair', Buffer.from([0x61, 0xed, 0xa0, 0x80]), { line: 1, column: 2 }],
    ['a character beyond the last', Buffer.from([0xf4, 0x90, 0x80, 0x80]), { line: 1, column: 1 }],
    [
      'a NUL',
      Buffer.from(`${YAML}a: "\0"`),
      { line: 3, column: 5, message: 'a NUL byte has no place in a text file: save it as UTF-8' },
    ],
  ])('with %s is refused with the place', (_, bytes, fault) => {
    expect(decodeText(bytes)).toMatchObject(fault);
  });
});
