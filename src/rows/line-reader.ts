import type { ShapeReader } from './document-reader.js';
import { createGrowingBytes } from './growing-bytes.js';
import { NEWLINE, skipBlank } from './json-bytes.js';
import type { PlainRecords } from './plain-records.js';
import type { RecordSink } from './record-sink.js';

/** Reads NDJSON: a JSON value a line, blank lines allowed. A file cut off between two lines cannot be told from a whole one. */
export function createLineReader(sink: RecordSink, plain: PlainRecords | undefined): ShapeReader {
  const line = createGrowingBytes();

  function add(bytes: Buffer, from = 0, to = bytes.length): void {
    if (skipBlank(bytes, from, to) < to) sink.add(bytes, from, to);
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
          line.append(chunk, from, end);
          if (plain?.isPlain(line.view())) sink.addPlain(line.length, plain.cells());
          else add(line.view());
          line.clear();
        } else {
          add(chunk, from, end);
          plain?.learn(chunk.subarray(from, end));
        }
        from = skipBlank(chunk, end + 1);
      }
      line.append(chunk, from);
      sink.requireRoom(line.length);
    },
    end() {
      add(line.view());
    },
  };
}
