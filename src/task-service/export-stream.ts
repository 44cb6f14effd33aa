import type { Call } from './transport.js';
import { TaskServiceError } from './task-service-error.js';
import { readTransportFault } from './transport-errors.js';

/** The raw bytes of an export, to be read once. */
export interface ExportStream {
  /** @throws TaskServiceError when the connection breaks, falls silent for a minute, or ends before `Content-Length`. */
  readonly chunks: AsyncIterable<Buffer>;
  readonly contentType: string;
}

const LONGEST_SILENCE_MS = 60_000;

/**
 * Reads the body of a file answer. A body that ends early is not always noticed by `fetch` (a chunked one that was cut
 * off counts as whole when the server had announced `Connection: close`), so whoever reads must prove the document.
 */
export function openExport(call: Call, response: Response): ExportStream {
  const announced = announcedLength(response.headers);
  return { chunks: chunksOf(call, response, announced), contentType: response.headers.get('content-type') ?? '' };
}

async function* chunksOf(call: Call, response: Response, announced: number | undefined): AsyncGenerator<Buffer> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) break;
      bytes += value.byteLength;
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  } catch (error) {
    if (call.signal?.aborted === true) throw call.signal.reason;
    throw brokenOff(call, `the download broke off after ${bytes} bytes: ${readTransportFault(error).reason}`, error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (announced !== undefined && bytes !== announced) {
    throw brokenOff(call, `the download ended after ${bytes} of ${announced} bytes`);
  }
}

/** Compressed bodies are unpacked by `fetch`: their length says nothing about what we read. */
function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

async function withinSilence<Value>(read: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing came for a minute')), LONGEST_SILENCE_MS);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function brokenOff(call: Call, reason: string, cause?: unknown): TaskServiceError {
  const facts = { method: call.method, path: `/api/v1${call.path}`, status: 200, mayHaveTakenEffect: false };
  return new TaskServiceError(facts, reason, cause === undefined ? undefined : { cause });
}
