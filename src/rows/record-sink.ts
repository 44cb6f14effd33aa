import { DocumentError } from './document-error.js';
import { isBlank, skipBlank } from './json-bytes.js';
import type { PlainCells } from './plain-records.js';

/** One record of an export: its position, and its JSON text, exactly as it stands there. */
export interface CutRecord {
  readonly row: number;
  readonly text: string;
  /** In place of the text, where it was known by its columns at one look. */
  readonly cells?: PlainCells;
}

/** Takes records as byte ranges and hands them out in order. */
export interface RecordSink {
  /** @throws DocumentError */
  add(bytes: Buffer, from?: number, to?: number): void;
  /** @throws DocumentError */
  addText(text: string): void;
  /** A record of which the cells are known, or nobody needs more than that it is there. @throws DocumentError */
  addPlain(bytes: number, cells: PlainCells | undefined): void;
  /** @throws DocumentError where so many bytes can be no record any more */
  requireRoom(bytes: number): void;
  readonly count: number;
}

export interface FullSink extends RecordSink {
  /** The records since the last call. */
  take(): CutRecord[];
  /** Bytes of the longest record, or a little more. */
  readonly longest: number;
}

/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

export function createRecordSink(maxRecordBytes: number): FullSink {
  let records: CutRecord[] = [];
  let count = 0;
  let longest = 0;

  function requireRoom(bytes: number): void {
    if (bytes <= maxRecordBytes) return;
    throw new DocumentError('unusable', `record ${count} is longer than ${maxRecordBytes} bytes`);
  }

  function counted(bytes: number): void {
    count += 1;
    if (bytes > longest) longest = bytes;
  }

  return {
    add(bytes, from = 0, to = bytes.length) {
      const start = skipBlank(bytes, from, to);
      requireRoom(to - start);
      let end = to;
      while (end > start && isBlank(bytes[end - 1])) end -= 1;
      records.push({ row: count, text: bytes.toString('utf8', start, end) });
      counted(end - start);
    },
    addText(text) {
      const most = text.length * MOST_BYTES;
      // Most records need not be counted.
      requireRoom(most <= maxRecordBytes ? most : Buffer.byteLength(text));
      records.push({ row: count, text });
      counted(most);
    },
    addPlain(bytes, cells) {
      requireRoom(bytes);
      if (cells) records.push({ row: count, text: '', cells });
      counted(bytes);
    },
    requireRoom,
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
