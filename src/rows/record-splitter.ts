import type { ExportFormat } from '../domain/run.js';
import { createCsvReader } from './csv-reader.js';
import { DocumentError } from './document-error.js';
import { createDocumentReader, type ShapeReader } from './document-reader.js';
import type { Json } from '../domain/json.js';
import { OPEN_ARRAY, OPEN_OBJECT, skipBlank } from './json-bytes.js';
import { createObjectReader } from './object-reader.js';
import { createOtherReader } from './other-reader.js';
import type { PlainRecords } from './plain-records.js';
import { createRecordSink, type CutRecord } from './record-sink.js';
import { loneObjectProblem } from './lone-object.js';
import type { RowNames } from './row-names.js';
import { createUtf8Check } from './utf8-check.js';

export type { CutRecord } from './record-sink.js';

export interface SplitOptions {
  /** What was asked for; an answer in JSON is read as JSON all the same. */
  readonly format: ExportFormat;
  /** Where the array of records is, e.g. `data.items`; default: it is looked for. */
  readonly records?: string;
  /** Keys that belong to a row, see {@link rowSchema}: an array under one of them is a value, not the records. */
  readonly rowSchemaKeys?: ReadonlySet<string>;
  /**
   * Names of a row's properties: what came in place of rows is told by them from a document with one row. Default: an object
   * is a row, as it is where rows were found before.
   */
  readonly names?: RowNames | 'unknown';
  /** Default 16 MiB; a longer record is a broken one. */
  readonly maxRecordBytes?: number;
  /** Records that it knows are handed out with their cells, if it gives them, else only counted. Default: it knows none. */
  readonly plain?: PlainRecords | undefined;
}

/** Cuts an export into its records as it arrives. After an error it is of no use any more. */
export interface RecordSplitter {
  /**
   * The records that end in this chunk; some of them cannot be read. They count for nothing before `end` has returned.
   *
   * @throws DocumentError
   */
  push(chunk: Buffer): readonly CutRecord[];
  /**
   * The records that only the end of the document completes. Some of them, or of those before, may be no JSON; the document is whole all the same.
   *
   * @throws DocumentError
   */
  end(): readonly CutRecord[];
  /** Records so far. */
  readonly count: number;
  /** Bytes of the longest record so far, or a little more. */
  readonly longest: number;
  /** Known after `end`: the document is an array, from its first byte on, and the records are its elements. */
  readonly isArray: boolean;
}

const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Records are the elements of a top-level array, the lines of NDJSON (two or more, each beginning with an object or not),
 * the elements of the one array under `data`, `items`, `results`, `records` or `rows`, or the one object itself.
 */
export function createRecordSplitter(options: SplitOptions): RecordSplitter {
  const sink = createRecordSink(options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES);
  const utf8 = createUtf8Check();
  let head = Buffer.alloc(0);
  let isMarkSought = true;
  let isArray = false;
  let startsAt = 0;
  let reader: ShapeReader | undefined;

  /** Up to the first bytes that tell the shape; undefined = they are not there yet. */
  function begin(chunk: Buffer, isAll = false): ShapeReader | undefined {
    head = Buffer.concat([head, chunk]);
    const { length } = head;
    if (isMarkSought) {
      const isUnknown = head.length < BYTE_ORDER_MARK.length && head.equals(BYTE_ORDER_MARK.subarray(0, head.length));
      if (isUnknown && !isAll) return undefined;
      isMarkSought = false;
      if (head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
        head = head.subarray(BYTE_ORDER_MARK.length);
      else isArray = true;
    }
    head = head.subarray(skipBlank(head, 0));
    startsAt += length - head.length;
    const [first] = head;
    isArray &&= first === undefined || first === OPEN_ARRAY;
    return first === undefined || (head.length < TELLING_BYTES && !isAll) ? undefined : openReader(head);
  }

  function openReader([first = 0, second = 1]: Buffer): ShapeReader {
    const { names, format } = options;
    const document = {
      path: options.records?.split('.'),
      rowKeys: options.rowSchemaKeys ?? new Set<string>(),
      maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
      startsAt,
      plain: options.plain,
      loneProblem: names && ((lone: Json) => loneObjectProblem(lone, names === 'unknown' ? undefined : names)),
    };
    // Of two bytes of UTF-16 one is 0, or the first are its byte order mark.
    if (second === 0 || first === 0) return createOtherReader(format);
    if (first === OPEN_ARRAY) return createDocumentReader(document, sink);
    if (first === OPEN_OBJECT) {
      return document.path ? createDocumentReader(document, sink) : createObjectReader(document, sink);
    }
    const isText = first !== LESS_THAN && first < FIRST_OF_UTF16_MARK;
    if (format === 'csv' && isText) return createCsvReader(sink, names === 'unknown' ? undefined : names);
    return createOtherReader(format);
  }

  return {
    push(chunk) {
      if (!utf8.push(chunk)) {
        options.plain?.stop();
        sink.suspectBytes();
      }
      if (reader) {
        reader.feed(chunk);
      } else {
        reader = begin(chunk);
        reader?.feed(head);
        if (reader) head = Buffer.alloc(0);
      }
      return sink.take();
    },
    get count() {
      return sink.count;
    },
    get longest() {
      return sink.longest;
    },
    get isArray() {
      return isArray;
    },
    end() {
      if (utf8.isWithinCharacter()) throw new DocumentError('incomplete', 'the document ends within a character');
      if (!reader) {
        reader = begin(Buffer.alloc(0), true);
        reader?.feed(head);
      }
      if (!reader) throw new DocumentError('no rows', 'the document is empty');
      reader.end();
      return sink.take();
    },
  };
}

/** UTF-16 is told by two. */
const TELLING_BYTES = 2;
const LESS_THAN = 0x3c;
const FIRST_OF_UTF16_MARK = 0xfe;
