import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { ApiError } from './envelope.js';

/** A file of the user's that stands for the results of an execution, sent as it lies on the disk. */
export interface GivenFile {
  readonly contentType: string;
  /** Without the dot. */
  readonly extension: string;
  readonly bytes: number;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.csv': 'text/csv; charset=utf-8',
  '.gz': 'application/gzip',
};
const CHUNK_BYTES = 256 * 1024;

/** @throws ApiError 500 when it is not there any more */
export function givenFile(path: string): GivenFile {
  const extension = extname(path);
  const contentType = CONTENT_TYPES[extension] ?? 'application/octet-stream';
  const { size: bytes } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (bytes === undefined) throw new ApiError(500, `the scenario's file ${path} is gone`);
  return { contentType, extension: extension.slice(1), bytes };
}

/**
 * The first bytes of a file, read when they are asked for.
 *
 * @param breakOff called after the last one instead of ending the stream
 */
export function fileStream(path: string, bytes: number, breakOff?: () => void): ReadableStream<Uint8Array> {
  const opened = open(path);
  let left = bytes;

  return new ReadableStream(
    {
      async pull(controller) {
        const file = await opened;
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left)));
        left -= bytesRead;
        if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
        await file.close();
        if (breakOff) breakOff();
        else controller.close();
      },
      async cancel() {
        await (await opened).close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** False for what is no file, or not there. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
