import { isUtf8 } from 'node:buffer';

/** Looks through a stream of chunks for bytes that are no UTF-8: decoding would make replacement characters of them in silence. */
export interface Utf8Check {
  /** @returns whether all is valid so far; a character may be unfinished */
  push(chunk: Buffer): boolean;
  /** Whether the stream ends within a character. */
  isWithinCharacter(): boolean;
}

export function createUtf8Check(): Utf8Check {
  let carry = Buffer.alloc(0);
  let isValid = true;

  return {
    push(chunk) {
      if (!isValid) return false;
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      const whole = bytes.length - unfinishedBytes(bytes);
      isValid = isUtf8(bytes.subarray(0, whole));
      carry = isValid ? Buffer.from(bytes.subarray(whole)) : Buffer.alloc(0);
      return isValid;
    },
    isWithinCharacter: () => carry.length > 0,
  };
}

/** Says where bytes stop being UTF-8; undefined = they are. */
export function utf8Problem(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return undefined;
  let [valid, invalid] = [0, bytes.length];
  // A prefix is looked at without the character that may go on behind it.
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - unfinishedBytes(prefix)))) valid = middle;
    else invalid = middle;
  }
  const at = valid - unfinishedBytes(bytes.subarray(0, valid));
  return `is not valid UTF-8: byte 0x${(bytes[at] ?? 0).toString(16)} at its byte ${at + 1}`;
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
