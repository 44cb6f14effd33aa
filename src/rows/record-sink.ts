import { isBlank, skipBlank } from './json-bytes.js';
import type { PlainCells } from './plain-records.js';
import { utf8Problem } from './utf8-check.js';

/** One record of an export: its position, and its JSON text, exactly as it stands there. */
export interface CutRecord {
  readonly row: number;
  readonly text: string;
  /** In place of the text, where it was known by its columns at one look. */
  readonly cells?: PlainCells;
  /** Why nobody can read it. The text is then what stands there, JSON or not, perhaps cut. */
  readonly problem?: string;
}

/** Takes records as byte ranges and hands them out in order. */
export interface RecordSink {
  add(bytes: Buffer, from?: number, to?: number): void;
  /** @param source the bytes that the text was made of */
  addText(text: string, source: Buffer): void;
  /** A record of which the cells are known, or nobody needs more than that it is there. */
  addPlain(bytes: number, cells: PlainCells | undefined): void;
  /** A record that cannot be read. */
  addBroken(bytes: Buffer, problem: string): void;
  /** A record that is longer than one may be: what was kept of it is its beginning. */
  addTooLong(beginning: Buffer): void;
  isTooLong(bytes: number): boolean;
  readonly maxRecordBytes: number;
  /** Says which of these bytes is no UTF-8. Asked only where the document is known to have such bytes. */
  utf8Problem(bytes: Buffer): string | undefined;
  readonly count: number;
}

export interface FullSink extends RecordSink {
  /** From now on a record may hold bytes that are no UTF-8. */
  suspectBytes(): void;
  /** The records since the last call. */
  take(): CutRecord[];
  /** Bytes of the longest record, or a little more. */
  readonly longest: number;
}

/** Bytes that are kept of a record that cannot be read. */
export const KEPT_BYTES = 64 * 1024;
/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

export function createRecordSink(maxRecordBytes: number): FullSink {
  let records: CutRecord[] = [];
  let count = 0;
  let longest = 0;
  let isSuspect = false;

  function counted(bytes: number): void {
    count += 1;
    if (bytes > longest) longest = bytes;
  }

  function addBroken(bytes: Buffer, problem: string): void {
    const isCut = bytes.length > KEPT_BYTES;
    const words = isCut ? `${problem}; the first ${KEPT_BYTES} bytes of it are kept` : problem;
    records.push({ row: count, text: readable(bytes.subarray(0, KEPT_BYTES)), problem: words });
    counted(bytes.length);
  }

  function addTooLong(beginning: Buffer): void {
    const kept = beginning.subarray(0, Math.min(KEPT_BYTES, maxRecordBytes));
    const problem = `is longer than ${maxRecordBytes} bytes; the first ${kept.length} of them are kept`;
    records.push({ row: count, text: readable(kept), problem });
    counted(maxRecordBytes);
  }

  function problemOfBytes(bytes: Buffer): string | undefined {
    return isSuspect ? utf8Problem(bytes) : undefined;
  }

  return {
    add(bytes, from = 0, to = bytes.length) {
      const start = skipBlank(bytes, from, to);
      let end = to;
      while (end > start && isBlank(bytes[end - 1])) end -= 1;
      const own = bytes.subarray(start, end);
      const problem = problemOfBytes(own);
      if (own.length > maxRecordBytes) {
        addTooLong(own);
      } else if (problem === undefined) {
        records.push({ row: count, text: bytes.toString('utf8', start, end) });
        counted(own.length);
      } else {
        addBroken(own, problem);
      }
    },
    addText(text, source) {
      const most = text.length * MOST_BYTES;
      // Most records need not be counted.
      const bytes = most <= maxRecordBytes ? most : Buffer.byteLength(text);
      if (Math.max(bytes, source.length) > maxRecordBytes) {
        addTooLong(source);
        return;
      }
      records.push({ row: count, text });
      counted(most);
    },
    addPlain(bytes, cells) {
      if (cells) records.push({ row: count, text: '', cells });
      counted(bytes);
    },
    addBroken,
    addTooLong,
    maxRecordBytes,
    isTooLong: (bytes) => bytes > maxRecordBytes,
    utf8Problem: problemOfBytes,
    suspectBytes() {
      isSuspect = true;
    },
    get count() {
      return count;
    },
    get longest() {
      return longest;
    },
    take() {
      const all = records;
      records = [];
      return all;
    },
  };
}

/** Bytes that are no UTF-8 become U+FFFD, and NUL, which no store keeps, is written as JSON does. */
function readable(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', String.raw`\u0000`);
}
