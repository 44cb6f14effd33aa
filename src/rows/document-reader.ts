import type { Json } from '../domain/json.js';
import { isJsonObject } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { createGrowingBytes } from './growing-bytes.js';
import * as json from './json-bytes.js';
import { jsonProblem } from './json-problem.js';
import type { PlainRecords } from './plain-records.js';
import { KEPT_BYTES, type RecordSink } from './record-sink.js';
import { listNames } from './row-names.js';
import { WRAPPER_KEYS } from './wrapper-keys.js';

/** Reads one shape of document into a {@link RecordSink}; throws {@link DocumentError}. */
export interface ShapeReader {
  feed(chunk: Buffer): void;
  end(): void;
}

export interface DocumentOptions {
  /** Keys on the way to the array of records; undefined = it is looked for. */
  readonly path: readonly string[] | undefined;
  /** Keys that belong to a row: what stands under them is never the array of records. */
  readonly rowKeys: ReadonlySet<string>;
  readonly maxRecordBytes: number;
  /** Bytes that stand before what is read: a byte order mark, blanks. */
  readonly startsAt: number;
  readonly plain: PlainRecords | undefined;
  /** Says why an object that is the whole document is no row. Default: it is one. */
  readonly loneProblem?: ((document: Json) => string | undefined) | undefined;
}

/**
 * Reads one JSON document: an array of records, an object with such an array, or an object that is the one record.
 * The records are taken out as they come; what is left (`{"total":2,"items":[]}`) is kept and parsed at the end, and so
 * the whole document is proven without being held.
 */
export function createDocumentReader(options: DocumentOptions, sink: RecordSink): ShapeReader {
  const { path, rowKeys, maxRecordBytes, plain, loneProblem } = options;
  const rest = createGrowingBytes();
  const record = createGrowingBytes();
  const skip = json.createSkipper();
  let state: 'value' | 'key' | 'after' | 'rows' | 'closed' = 'value';
  let level = 0;
  let keyStart = 0;
  let key = '';
  let rowsKey: string | undefined;
  let isAfterComma = false;
  /** The record is longer than one may be: only its beginning is kept. */
  let isTooLong = false;
  /** Bytes of the document before the chunk. */
  let before = options.startsAt;
  const keys: string[] = [];

  function keep(chunk: Buffer, from: number, to: number): void {
    rest.append(chunk, from, to);
    if (rest.length <= maxRecordBytes) return;
    throw rowsKey === undefined ? noArray(keys, maxRecordBytes) : tooMuchBeside(maxRecordBytes);
  }

  function areRowsHere(): boolean {
    if (path) return level > 0 && level === path.length && key === path[level - 1];
    if (level === 0) return true;
    return level === 1 && WRAPPER_KEYS.has(key) && !rowKeys.has(key);
  }

  function isOnPath(): boolean {
    return level === 0 || (path !== undefined && level < path.length && key === path[level - 1]);
  }

  function startValue(chunk: Buffer, from: number): number {
    const start = json.skipBlank(chunk, from);
    keep(chunk, from, start);
    if (start === chunk.length) return start;
    const first = chunk[start];
    if (first === json.OPEN_ARRAY && areRowsHere()) {
      if (rowsKey !== undefined) throw twoArrays(rowsKey, key, path);
      rowsKey = key;
      state = 'rows';
      isAfterComma = false;
    } else if (first === json.OPEN_OBJECT && isOnPath()) {
      level += 1;
      state = 'key';
      keyStart = rest.length + 1;
    } else {
      if (level === 0) throw new DocumentError('unusable', 'the document is an array: leave out `records`');
      state = 'after';
      return start;
    }
    keep(chunk, start, start + 1);
    return start + 1;
  }

  function closeLevel(): void {
    level -= 1;
    state = level === 0 ? 'closed' : 'after';
  }

  /** Over a key up to its colon, or over what is left of a value up to the comma or bracket behind it. */
  function skipToken(chunk: Buffer, from: number): number {
    const end = skip(chunk, from);
    if (end === -1) {
      keep(chunk, from, chunk.length);
      return chunk.length;
    }
    keep(chunk, from, end + 1);
    const stop = chunk[end];
    if (stop === json.CLOSE_OBJECT) {
      closeLevel();
    } else if (state === 'key' && stop === json.COLON) {
      const name = parseRest(rest.view(keyStart, rest.length - 1));
      key = typeof name === 'string' ? name : '';
      if (level === 1 && keys.length < MOST_KEYS) keys.push(key);
      state = 'value';
    } else if (state === 'after' && stop === json.COMMA) {
      state = 'key';
      keyStart = rest.length;
    } else {
      throw brokenDocument(sink.count, before + end);
    }
    return end + 1;
  }

  function append(chunk: Buffer, from: number, to = chunk.length): void {
    if (isTooLong) return;
    record.append(chunk, from, to);
    isTooLong = sink.isTooLong(record.length);
    if (isTooLong) record.cut(KEPT_BYTES);
  }

  function readRecord(chunk: Buffer, from: number): number {
    const plainEnd = record.length > 0 ? -1 : (plain?.endInArray(from) ?? -1);
    const end = plainEnd === -1 ? skip(chunk, from) : plainEnd;
    // A record's length must not depend on where the chunks break.
    const start = record.length > 0 ? from : json.skipBlank(chunk, from);
    if (end === -1) {
      append(chunk, start);
      return chunk.length;
    }
    const stop = chunk[end];
    if (stop !== json.COMMA && stop !== json.CLOSE_ARRAY) throw brokenDocument(sink.count, before + end);
    if (plainEnd !== -1) sink.addPlain(end - start, plain?.cells());
    else addRecord(chunk, start, end, stop === json.CLOSE_ARRAY && !isAfterComma);
    isAfterComma = true;
    if (stop === json.COMMA) return end + 1;
    keep(chunk, end, end + 1);
    state = level === 0 ? 'closed' : 'after';
    return end + 1;
  }

  function addRecord(chunk: Buffer, from: number, to: number, mayBeEmpty: boolean): void {
    if (record.length > 0) {
      append(chunk, from, to);
      if (isTooLong) sink.addTooLong(record.view());
      else if (plain?.isPlain(record.view())) sink.addPlain(record.length, plain.cells());
      else sink.add(record.view());
      isTooLong = false;
      record.clear();
    } else if (!mayBeEmpty || from < to) {
      sink.add(chunk, from, to);
      plain?.learn(chunk.subarray(from, to));
    }
  }

  function step(chunk: Buffer, from: number): number {
    switch (state) {
      case 'value':
        return startValue(chunk, from);
      case 'key':
      case 'after':
        return skipToken(chunk, from);
      case 'rows':
        return readRecord(chunk, from);
      case 'closed':
        return readNothing(chunk, json.skipBlank(chunk, from));
    }
  }

  function readNothing(chunk: Buffer, at: number): number {
    if (at === chunk.length) return at;
    throw new DocumentError(
      'incomplete',
      `something follows after the end of the document, at byte ${before + at + 1}`,
    );
  }

  return {
    feed(chunk) {
      plain?.see(chunk);
      let at = 0;
      while (at < chunk.length) at = step(chunk, at);
      before += chunk.length;
    },
    end() {
      if (state !== 'closed') {
        throw new DocumentError('incomplete', `the document is cut off after ${sink.count} records, at byte ${before}`);
      }
      const left = parseRest(rest.view());
      if (isErrorEnvelope(left, rowKeys)) {
        throw new DocumentError('no rows', 'the document is an error of the service, not rows');
      }
      if (rowsKey !== undefined) return;
      if (path) throw noSuchArray(path, keys);
      const problem = loneProblem?.(left);
      if (problem !== undefined) throw new DocumentError('no rows', problem);
      sink.add(rest.view());
    },
  };

  function parseRest(bytes: Buffer): Json {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
      return JSON.parse(bytes.toString('utf8')) as Json;
    } catch {
      throw brokenText(bytes, sink.count);
    }
  }
}

/** The service's answer to a failed request, sent as if it were the file. */
function isErrorEnvelope(document: Json, rowKeys: ReadonlySet<string>): boolean {
  if (!isJsonObject(document) || rowKeys.has('success') || rowKeys.has('error')) return false;
  return document['success'] === false && Object.hasOwn(document, 'error');
}

function brokenDocument(records: number, at: number): DocumentError {
  return new DocumentError('incomplete', `the document is not valid JSON after ${records} records, at byte ${at + 1}`);
}

/** @param bytes the document but for its records */
function brokenText(bytes: Buffer, records: number): DocumentError {
  const place = records === 0 ? jsonProblem(bytes.toString('utf8')) : '';
  return new DocumentError('incomplete', `the document is not valid JSON after ${records} records${place}`);
}

function noArray(keys: readonly string[], maxRecordBytes: number): DocumentError {
  const cure = 'say where its rows are, e.g. `records: data.items`';
  const message = `the document is one object of more than ${maxRecordBytes} bytes, and has: ${listNames(keys)}; ${cure}`;
  return new DocumentError('unusable', message);
}

function tooMuchBeside(maxRecordBytes: number): DocumentError {
  return new DocumentError('unusable', `the document holds more than ${maxRecordBytes} bytes beside its records`);
}

function noSuchArray(path: readonly string[], keys: readonly string[]): DocumentError {
  const has = keys.length === 0 ? 'is empty' : `has: ${listNames(keys)}`;
  return new DocumentError('no rows', `\`records: ${path.join('.')}\` is no array in the document, which ${has}`);
}

function twoArrays(first: string, second: string, path: readonly string[] | undefined): DocumentError {
  if (path) return new DocumentError('unusable', `\`records: ${path.join('.')}\` is there twice in the document`);
  const message = `the document has arrays under "${first}" and "${second}": say which holds the rows, e.g. \`records: ${first}\``;
  return new DocumentError('unusable', message);
}

/** Keys of the document that are remembered, to be named where it has no rows. */
const MOST_KEYS = 20;
