import { DocumentError } from './document-error.js';
import type { ShapeReader } from './document-reader.js';
import { createGrowingBytes } from './growing-bytes.js';
import { isJson, NEWLINE, skipBlank } from './json-bytes.js';
import type { PlainRecords } from './plain-records.js';
import { KEPT_BYTES, type RecordSink } from './record-sink.js';

/**
 * Reads NDJSON: a JSON value a line, blank lines allowed. A last line without a line break must be JSON, else the file is
 * cut off within it. That a file was cut off between two lines cannot be seen.
 */
export function createLineReader(sink: RecordSink, plain: PlainRecords | undefined): ShapeReader {
  const line = createGrowingBytes();
  /** The line is longer than a record may be: only its beginning is kept. */
  let isTooLong = false;

  function append(bytes: Buffer, from: number, to = bytes.length): void {
    if (isTooLong) return;
    line.append(bytes, from, to);
    isTooLong = sink.isTooLong(line.length);
    if (isTooLong) line.cut(KEPT_BYTES);
  }

  function add(bytes: Buffer, from = 0, to = bytes.length): void {
    if (skipBlank(bytes, from, to) < to) sink.add(bytes, from, to);
  }

  function addLine(): void {
    if (isTooLong) sink.addTooLong(line.view());
    else if (plain?.isPlain(line.view())) sink.addPlain(line.length, plain.cells());
    else add(line.view());
    isTooLong = false;
    line.clear();
  }

  return {
    feed(chunk) {
      plain?.see(chunk);
      let from = line.length > 0 ? 0 : skipBlank(chunk, 0);
      for (;;) {
        const plainEnd = line.length > 0 ? -1 : (plain?.endOfLine(from) ?? -1);
        const end = plainEnd === -1 ? chunk.indexOf(NEWLINE, from) : plainEnd;
        if (end === -1) break;
        if (plainEnd !== -1) {
          sink.addPlain(end - from, plain?.cells());
        } else if (line.length > 0) {
          append(chunk, from, end);
          addLine();
        } else {
          add(chunk, from, end);
          plain?.learn(chunk.subarray(from, end));
        }
        from = skipBlank(chunk, end + 1);
      }
      append(chunk, from);
    },
    end() {
      const last = line.view();
      if (isTooLong || (skipBlank(last, 0) < last.length && !isJson(last))) {
        throw new DocumentError(
          'incomplete',
          `the document is cut off within its last line, after ${sink.count} records`,
        );
      }
      add(last);
    },
  };
}
