import { createDocumentReader, type DocumentOptions, type ShapeReader } from './document-reader.js';
import { createGrowingBytes } from './growing-bytes.js';
import { isOneObject, NEWLINE, skipBlank } from './json-bytes.js';
import { createLineReader } from './line-reader.js';
import type { RecordSink } from './record-sink.js';

/**
 * Reads what begins with `{`: NDJSON where the first line is a whole object by its brackets and more follows, else one document.
 * So much is held until that is known: the first line, or `maxRecordBytes` of one that does not end (as NDJSON its
 * record would be too long anyway).
 */
export function createObjectReader(options: DocumentOptions, sink: RecordSink): ShapeReader {
  const head = createGrowingBytes();
  let lineEnd = -1;
  let reader: ShapeReader | undefined;

  function decide(): ShapeReader | undefined {
    if (lineEnd !== -1 && skipBlank(head.view(), lineEnd) < head.length) return createLineReader(sink, options.plain);
    return lineEnd === -1 && head.length > options.maxRecordBytes ? createDocumentReader(options, sink) : undefined;
  }

  function start(chosen: ShapeReader): ShapeReader {
    reader = chosen;
    reader.feed(head.view());
    return reader;
  }

  return {
    feed(chunk) {
      if (reader) {
        reader.feed(chunk);
        return;
      }
      if (lineEnd !== -1 && skipBlank(chunk, 0) === chunk.length) return;
      const newline = lineEnd === -1 ? chunk.indexOf(NEWLINE) : -1;
      if (newline !== -1) lineEnd = head.length + newline;
      head.append(chunk);
      if (newline !== -1 && !isOneObject(head.view(0, lineEnd))) {
        start(createDocumentReader(options, sink));
        return;
      }
      const chosen = decide();
      if (chosen) start(chosen);
    },
    end() {
      (reader ?? start(createDocumentReader(options, sink))).end();
    },
  };
}
