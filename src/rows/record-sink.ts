import type { Json } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { isBlank, skipBlank } from './json-bytes.js';

/** One record of an export: its JSON text, exactly as it stands there, and what it parses to. */
export interface RawRecord {
  readonly text: string;
  readonly value: Json;
}

/** Takes records as byte ranges, has each one parsed, and hands them out in order. */
export interface RecordSink {
  /** @throws DocumentError */
  add(bytes: Buffer, from?: number, to?: number): void;
  /** @throws DocumentError */
  addParsed(record: RawRecord): void;
  /** @throws DocumentError where so many bytes can be no record any more */
  requireRoom(bytes: number): void;
  readonly count: number;
  /** The records since the last call. */
  take(): RawRecord[];
}

export function createRecordSink(maxRecordBytes: number): RecordSink {
  let records: RawRecord[] = [];
  let taken = 0;

  function requireRoom(bytes: number): void {
    if (bytes <= maxRecordBytes) return;
    const message = `record ${taken + records.length} is longer than ${maxRecordBytes} bytes`;
    throw new DocumentError('unusable', message);
  }

  return {
    add(bytes, from = 0, to = bytes.length) {
      const start = skipBlank(bytes, from, to);
      requireRoom(to - start);
      let end = to;
      while (end > start && isBlank(bytes[end - 1])) end -= 1;
      const text = bytes.toString('utf8', start, end);
      records.push({ text, value: parse(text, taken + records.length) });
    },
    addParsed(record) {
      // A record of so many UTF-16 units has at least as many bytes.
      requireRoom(record.text.length);
      records.push(record);
    },
    requireRoom,
    get count() {
      return taken + records.length;
    },
    take() {
      const all = records;
      taken += all.length;
      records = [];
      return all;
    },
  };
}

function parse(text: string, index: number): Json {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the text.
    throw new DocumentError('incomplete', `record ${index} is not valid JSON`);
  }
}
