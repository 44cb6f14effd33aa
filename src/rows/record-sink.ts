import type { Json } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { isBlank, skipBlank } from './json-bytes.js';

/** One record of an export: its JSON text, exactly as it stands there, and what it parses to. */
export interface RawRecord {
  readonly text: string;
  readonly value: Json;
}

/** What is made of a record: its text, its position in the export, and its value where it is known already. */
export type RecordMaker<Made> = (text: string, index: number, value?: Json) => Made;

/** Takes records as byte ranges and hands them out in order. */
export interface RecordSink {
  /** @throws DocumentError */
  add(bytes: Buffer, from?: number, to?: number): void;
  /** @throws DocumentError */
  addParsed(text: string, value: Json): void;
  /** @throws DocumentError where so many bytes can be no record any more */
  requireRoom(bytes: number): void;
  readonly count: number;
}

export interface FullSink<Made> extends RecordSink {
  /** The records since the last call. */
  take(): Made[];
}

export function createRecordSink<Made>(maxRecordBytes: number, make: RecordMaker<Made>): FullSink<Made> {
  let records: Made[] = [];
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
      records.push(make(bytes.toString('utf8', start, end), taken + records.length));
    },
    addParsed(text, value) {
      // A record of so many UTF-16 units has at least as many bytes.
      requireRoom(text.length);
      records.push(make(text, taken + records.length, value));
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

/** @throws DocumentError where the text is no JSON */
export function parsedRecord(text: string, index: number, value?: Json): RawRecord {
  return { text, value: value ?? parse(text, index) };
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
