import { isUtf8 } from 'node:buffer';
import { DocumentError } from './document-error.js';

/** Proves a stream of chunks valid UTF-8, of which decoding would otherwise make replacement characters in silence. */
export interface Utf8Check {
  /** @throws DocumentError */
  push(chunk: Buffer): void;
  /** @throws DocumentError where the stream ends within a character */
  end(): void;
}

export function createUtf8Check(): Utf8Check {
  let carry = Buffer.alloc(0);

  return {
    push(chunk) {
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      const whole = bytes.length - unfinishedBytes(bytes);
      if (!isUtf8(bytes.subarray(0, whole))) throw new DocumentError('incomplete', 'the document is not valid UTF-8');
      carry = Buffer.from(bytes.subarray(whole));
    },
    end() {
      if (carry.length > 0) throw new DocumentError('incomplete', 'the document ends within a character');
    },
  };
}

/** Length of the character that begins at the end of the bytes and is not whole, 0 to 3. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
