import type { ExportFormat } from '../domain/run.js';
import { createCsvReader } from './csv-reader.js';
import { DocumentError } from './document-error.js';
import { createDocumentReader, type ShapeReader } from './document-reader.js';
import { OPEN_ARRAY, OPEN_OBJECT, skipBlank } from './json-bytes.js';
import { createObjectReader } from './object-reader.js';
import type { PlainRecords } from './plain-records.js';
import { createRecordSink, type CutRecord } from './record-sink.js';
import { createUtf8Check } from './utf8-check.js';

export type { CutRecord } from './record-sink.js';

export interface SplitOptions {
  /** What was asked for; an answer in JSON is read as JSON all the same. */
  readonly format: ExportFormat;
  /** Where the array of records is, e.g. `data.items`; default: it is looked for. */
  readonly records?: string;
  /** Keys that belong to a row, see {@link rowSchema}: an array under one of them is a value, not the records. */
  readonly rowSchemaKeys?: ReadonlySet<string>;
  /** Default 16 MiB. */
  readonly maxRecordBytes?: number;
  /** Records that it knows are handed out with their cells, if it gives them, else only counted. Default: it knows none. */
  readonly plain?: PlainRecords | undefined;
}

/** Cuts an export into its records as it arrives. After an error it is of no use any more. */
export interface RecordSplitter {
  /**
   * The records that end in this chunk. They count for nothing before `end` has returned.
   *
   * @throws DocumentError
   */
  push(chunk: Buffer): readonly CutRecord[];
  /**
   * The records that only the end of the document completes. The document is whole if they, and all before, are JSON.
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
  let reader: ShapeReader | undefined;

  /** Up to the first byte that tells the shape; undefined = it is not there yet. */
  function begin(chunk: Buffer): ShapeReader | undefined {
    head = Buffer.concat([head, chunk]);
    if (isMarkSought) {
      if (head.length < BYTE_ORDER_MARK.length && head.equals(BYTE_ORDER_MARK.subarray(0, head.length)))
        return undefined;
      isMarkSought = false;
      if (head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
        head = head.subarray(BYTE_ORDER_MARK.length);
      else isArray = true;
    }
    head = head.subarray(skipBlank(head, 0));
    const [first] = head;
    isArray &&= first === undefined || first === OPEN_ARRAY;
    return first === undefined ? undefined : openReader(first);
  }

  function openReader(first: number): ShapeReader {
    const document = {
      path: options.records?.split('.'),
      rowKeys: options.rowSchemaKeys ?? new Set<string>(),
      maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
      plain: options.plain,
    };
    if (first === OPEN_ARRAY) return createDocumentReader(document, sink);
    if (first === OPEN_OBJECT) {
      return document.path ? createDocumentReader(document, sink) : createObjectReader(document, sink);
    }
    if (options.format === 'csv' && first !== LESS_THAN) return createCsvReader(sink);
    const what = first === LESS_THAN ? 'HTML or XML' : `something that is no array and no object`;
    throw new DocumentError('incomplete', `the document is ${what} instead of ${options.format.toUpperCase()} rows`);
  }

  return {
    push(chunk) {
      utf8.push(chunk);
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
      utf8.end();
      if (!reader) throw new DocumentError('incomplete', 'the document is empty');
      reader.end();
      return sink.take();
    },
  };
}

const LESS_THAN = 0x3c;
