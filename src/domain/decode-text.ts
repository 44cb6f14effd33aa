/** The text of a file, or the place from which on it cannot be one; line and column count from 1. */
export type DecodedText =
  | { readonly text: string }
  | { readonly line: number; readonly column: number; readonly message: string };

const CURE = 'save it as UTF-8';

/**
 * Decodes a file that somebody has written. Other encodings than UTF-8 are refused: decoding would make other characters of
 * theirs without a word. A byte order mark of UTF-8 stays in the text.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding = wideEncoding(bytes);
  if (encoding !== undefined) return { line: 1, column: 1, message: `the file is ${encoding}, not UTF-8: ${CURE}` };
  const bad = firstBadByte(bytes);
  if (bad === undefined) return { text: decoded(bytes) };
  const before = decoded(bytes.subarray(0, bad));
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    column: before.length - lineStart + 1,
    message: whatIsWrong(bytes[bad] ?? 0),
  };
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function whatIsWrong(byte: number): string {
  if (byte === 0) return `a NUL byte has no place in a text file: ${CURE}`;
  const hex = byte.toString(16).toUpperCase();
  return `the file is not UTF-8: the byte 0x${hex} is no character here, but would be in Latin-1 or Windows-1252; ${CURE}`;
}

const MARKS: readonly (readonly [encoding: string, ...mark: number[]])[] = [
  ['UTF-32 (little-endian)', 0xff, 0xfe, 0, 0],
  ['UTF-32 (big-endian)', 0, 0, 0xfe, 0xff],
  ['UTF-16 (little-endian)', 0xff, 0xfe],
  ['UTF-16 (big-endian)', 0xfe, 0xff],
];
const LOOKED_AT_BYTES = 4_096;

/** The encoding of units of two or four bytes, by its mark, or by where its zeros stand; undefined: it is none of these. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const marked = MARKS.find(([, ...mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (marked) return marked[0];
  const zeros = [0, 0, 0, 0];
  const looked = bytes.subarray(0, LOOKED_AT_BYTES);
  for (const [at, byte] of looked.entries()) {
    if (byte === 0) zeros[at % 4] = (zeros[at % 4] ?? 0) + 1;
  }
  const most = looked.length / 4;
  // Letters of most alphabets' punctuation, and all keys, have a byte that is zero in every unit.
  const isZero = zeros.map((count) => count > most / 4);
  const pattern = isZero.map((zero) => (zero ? '0' : 'x')).join('');
  return BY_ZEROS.get(pattern);
}

const BY_ZEROS: ReadonlyMap<string, string> = new Map([
  ['x000', 'UTF-32 (little-endian)'],
  ['000x', 'UTF-32 (big-endian)'],
  ['x0x0', 'UTF-16 (little-endian)'],
  ['0x0x', 'UTF-16 (big-endian)'],
]);

/** Position of the first byte that is no part of a character of UTF-8, or is NUL; undefined: all are. */
function firstBadByte(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return undefined;
}

/** Bytes of the character that begins there; 0: none does. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return lead === 0 ? 0 : 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  // No character is written longer than it must be, none is half of a pair, and none lies beyond the last.
  const [least, most] = SECOND_BYTES.get(lead) ?? [0x80, 0xbf];
  const second = bytes[at + 1] ?? 0;
  if (length === 0 || second < least || second > most) return 0;
  const isWhole = bytes.subarray(at + 2, at + length).every((byte) => byte >= 0x80 && byte <= 0xbf);
  return isWhole && at + length <= bytes.length ? length : 0;
}

const SECOND_BYTES: ReadonlyMap<number, readonly [least: number, most: number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);
