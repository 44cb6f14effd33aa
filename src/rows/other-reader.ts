import { DocumentError } from './document-error.js';
import type { ShapeReader } from './document-reader.js';

/** So much tells what it is. */
const HEAD_BYTES = 64;

/** Reads what begins like no document of rows, only to say at its end what it is. */
export function createOtherReader(format: 'json' | 'csv'): ShapeReader {
  let head = Buffer.alloc(0);

  return {
    feed(chunk) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    },
    end() {
      const { what, mayBeLate } = kindOf(head, format);
      const message = `the document is ${what} instead of ${format.toUpperCase()} rows`;
      throw new DocumentError(mayBeLate ? 'no rows' : 'incomplete', message);
    },
  };
}

interface Kind {
  readonly what: string;
  /** Whether a service may send it while the rows are still put together. */
  readonly mayBeLate: boolean;
}

function kindOf(head: Buffer, format: string): Kind {
  if (isUtf16(head)) return { what: 'text in UTF-16 (only UTF-8 is read)', mayBeLate: false };
  const text = head.toString('latin1').trim();
  if (text.startsWith('<')) return { what: 'HTML or XML', mayBeLate: true };
  const [literal] = /^(?:null|true|false)$/.exec(text) ?? [];
  if (literal !== undefined) return { what: `\`${literal}\``, mayBeLate: false };
  if (/^-?\d[\d.eE+-]*$/.test(text)) return { what: 'a number', mayBeLate: false };
  if (text.startsWith('"') && format === 'json') return { what: 'a string', mayBeLate: true };
  return { what: 'text, no array and no object,', mayBeLate: true };
}

/** With a byte order mark, or every second of the first bytes is 0. */
function isUtf16([first = 1, second = 1]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0;
}
