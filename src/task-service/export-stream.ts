import type { ForeignText } from '../domain/foreign-text.js';
import { requireLeastRate } from './least-rate.js';
import type { FileAnswer } from './send-request.js';
import { factsOf, type Call } from './call.js';
import { TaskServiceError } from './task-service-error.js';
import { readTransportFault } from './transport-errors.js';

/** The bytes of an export as they were sent, to be read once; they may be compressed with gzip. */
export interface ExportStream {
  /** @throws TaskServiceError when the connection breaks, falls silent or trickles for a minute, or ends too early */
  readonly chunks: AsyncIterable<Buffer>;
  /** Whether the transport tells where the body ends: by its length, or by a last chunk. Else a body that was cut off looks whole. */
  readonly hasEnd: boolean;
}

const LONGEST_SILENCE_MS = 60_000;
const ENCODINGS = new Set(['', 'identity', 'gzip', 'x-gzip']);

/**
 * Reads the body of a file answer.
 *
 * @param format CSV has no end of its own: only the transport can tell that it is whole
 * @throws TaskServiceError when the body cannot be read, or its end not be told
 */
export function openExport(
  call: Call,
  answer: FileAnswer,
  format: 'json' | 'csv',
  foreignText: ForeignText,
): ExportStream {
  const { headers } = answer;
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? '';
  if (!ENCODINGS.has(encoding))
    throw unusable(call, answer, `the body is encoded as ${foreignText(encoding)}, which was not asked for`);
  const hasEnd = headers.has('content-length') || headers.has('transfer-encoding');
  if (format === 'csv' && !hasEnd) {
    const told = 'the body has neither a length nor chunks, so nobody can tell whether CSV is whole; use format json';
    throw unusable(call, answer, told);
  }
  return { chunks: chunksOf(call, answer, foreignText), hasEnd };
}

async function* chunksOf(call: Call, { body }: FileAnswer, foreignText: ForeignText): AsyncGenerator<Buffer> {
  const reader: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const rate = requireLeastRate();
  let bytes = 0;
  try {
    for (;;) {
      const since = performance.now();
      const { done, value } = await withinSilence(reader.next());
      if (done === true) break;
      bytes += value.length;
      rate.add(value.length, performance.now() - since);
      yield value;
    }
  } catch (error) {
    if (call.signal?.aborted === true) throw call.signal.reason;
    const reason = foreignText(readTransportFault(error).reason);
    throw failure(call, `the download broke off after ${bytes} bytes: ${reason}`, error);
  } finally {
    body.destroy();
  }
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

function unusable(call: Call, { body }: FileAnswer, reason: string): TaskServiceError {
  body.destroy();
  return failure(call, reason);
}

function failure(call: Call, reason: string, cause?: unknown): TaskServiceError {
  const facts = { ...factsOf(call), status: 200, mayHaveTakenEffect: true };
  return new TaskServiceError(facts, reason, cause === undefined ? undefined : { cause });
}
