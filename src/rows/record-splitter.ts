import type { ExportFormat } from '../domain/run.js';
import { createCsvReader } from './csv-reader.js';
import { DocumentError } from './document-error.js';
import { createDocumentReader, type ShapeReader } from './document-reader.js';
import { OPEN_ARRAY, OPEN_OBJECT, skipBlank } from './json-bytes.js';
import { createObjectReader } from './object-reader.js';
import { createRecordSink, parsedRecord, type RawRecord, type RecordMaker } from './record-sink.js';
import { createUtf8Check } from './utf8-check.js';

export type { RawRecord } from './record-sink.js';

export interface SplitOptions {
  /** What was asked for; an answer in JSON is read as JSON all the same. */
  readonly format: ExportFormat;
  /** Where the array of records is, e.g. `data.items`; default: it is looked for. */
  readonly records?: string;
  /** Keys that belong to a row, see {@link rowSchema}: an array under one of them is a value, not the records. */
  readonly rowSchemaKeys?: ReadonlySet<string>;
  /** Default 16 MiB. */
  readonly maxRecordBytes?: number;
}

/** Cuts an export into its records as it arrives, and proves it whole. After an error it is of no use any more. */
export interface RecordSplitter<Made = RawRecord> {
  /**
   * The records that end in this chunk. They count for nothing before `end` has returned.
   *
   * @throws DocumentError
   */
  push(chunk: Buffer): readonly Made[];
  /**
   * The records that only the end of the document completes.
   *
   * @throws DocumentError
   */
  end(): readonly Made[];
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
  return createSplitter(options, parsedRecord);
}

/** Cuts a document that was proven before into the texts of its records: nothing in them is parsed again. */
export function createTextSplitter(options: SplitOptions): RecordSplitter<string> {
  return createSplitter(options, (text) => text);
}

function createSplitter<Made>(options: SplitOptions, make: RecordMaker<Made>): RecordSplitter<Made> {
  const sink = createRecordSink(options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES, make);
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
