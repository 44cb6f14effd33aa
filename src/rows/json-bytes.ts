export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/** Whether bytes hold one JSON value. */
export function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** JSON's white space: nothing else may stand between values. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}

/** Index of the first byte from `from` on that is not white space; `to` if there is none. */
export function skipBlank(bytes: Buffer, from: number, to = bytes.length): number {
  let at = from;
  while (at < to && isBlank(bytes[at])) at += 1;
  return at;
}

/**
 * Makes a function that goes on, chunk by chunk, to the next `,` `:` `]` or `}` that belongs to the level where it
 * started, and returns its index, or -1 where the chunk ends before. It only counts brackets: whoever uses it has the
 * text between parsed.
 */
export function createSkipper(): (bytes: Buffer, from: number) => number {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;

  /** Index after the closing quote, or -1. Most strings are short, and there a call of indexOf costs more than a loop. */
  function skipString(bytes: Buffer, from: number): number {
    let at = from;
    if (isEscaped && at < bytes.length) {
      isEscaped = false;
      at += 1;
    }
    const nearby = Math.min(at + NEARBY, bytes.length);
    for (; at < nearby; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at += 1;
    }
    // Past the end: the last byte was a backslash, and what it escapes is in the next chunk.
    if (at > bytes.length) isEscaped = true;
    if (at >= bytes.length) return -1;
    return skipLongString(bytes, at);
  }

  function skipLongString(bytes: Buffer, from: number): number {
    let searchFrom = from;
    for (;;) {
      const quote = bytes.indexOf(QUOTE, searchFrom);
      const end = quote === -1 ? bytes.length : quote;
      let backslash = end;
      while (backslash > searchFrom && bytes[backslash - 1] === BACKSLASH) backslash -= 1;
      const isOdd = (end - backslash) % 2 === 1;
      if (quote === -1) {
        isEscaped = isOdd;
        return -1;
      }
      if (!isOdd) return quote + 1;
      searchFrom = quote + 1;
    }
  }

  return function skip(bytes, from) {
    let at = from;
    if (isInString) {
      at = skipString(bytes, at);
      if (at === -1) return -1;
      isInString = false;
    }
    let level = depth;
    for (; at < bytes.length; at += 1) {
      switch (bytes[at]) {
        case QUOTE:
          at = skipString(bytes, at + 1);
          if (at === -1) {
            isInString = true;
            depth = level;
            return -1;
          }
          at -= 1;
          break;
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          level += 1;
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          if (level === 0) {
            depth = 0;
            return at;
          }
          level -= 1;
          break;
        case COMMA:
        case COLON:
          if (level === 0) {
            depth = 0;
            return at;
          }
          break;
        default:
      }
    }
    depth = level;
    return -1;
  };
}

const NEARBY = 32;

/** Whether bytes begin with an object and hold nothing behind its closing bracket. It need not be valid within. */
export function isOneObject(bytes: Buffer): boolean {
  const start = skipBlank(bytes, 0);
  if (bytes[start] !== OPEN_OBJECT) return false;
  const skip = createSkipper();
  let at = skip(bytes, start + 1);
  while (at !== -1 && bytes[at] !== CLOSE_OBJECT && bytes[at] !== CLOSE_ARRAY) at = skip(bytes, at + 1);
  return bytes[at] === CLOSE_OBJECT && skipBlank(bytes, at + 1) === bytes.length;
}
