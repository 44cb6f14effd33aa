import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DocumentError } from './document-error.js';

/** No document in UTF-8 begins so. */
const MAGIC = Buffer.from([0x1f, 0x8b]);
/** A file that is compressed may be sent compressed. */
const LAYERS = 2;
/** Rows seldom shrink to a fiftieth: beyond this, and the first megabytes, somebody wants to fill the disk. */
const MOST_TIMES_LARGER = 500;
const HARMLESS_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a document, whether they came compressed with gzip or not: told by the bytes, because a file says nothing of
 * it in its header. Memory stays flat whatever they unpack to.
 *
 * @throws DocumentError `incomplete` when the compressed bytes are damaged, cut off, or followed by something else;
 *   `unusable` when they unpack to hundreds of times their size
 */
export async function* unpack(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = { bytes: 0 };
  let layer = await peek(counted(chunks, packed));
  if (!layer.isPacked) return yield* layer.chunks;
  for (let depth = 0; depth < LAYERS && layer.isPacked; depth += 1) layer = await peek(gunzip(layer.chunks));
  let bytes = 0;
  for await (const chunk of layer.chunks) {
    bytes += chunk.length;
    if (bytes > HARMLESS_BYTES && bytes > packed.bytes * MOST_TIMES_LARGER) {
      throw new DocumentError(
        'unusable',
        `the compressed document unpacks to over ${MOST_TIMES_LARGER} times its size`,
      );
    }
    yield chunk;
  }
}

interface Layer {
  readonly isPacked: boolean;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Reads as far as is needed to tell what it is. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<Layer> {
  const rest = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC.length) {
    const next = await rest.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      yield* { [Symbol.asyncIterator]: () => rest };
    } finally {
      // Whoever left at the head has not left the rest.
      await rest.return?.();
    }
  }
  return { isPacked: isGzip(head), chunks: all() };
}

/** Whether bytes begin as those that are compressed with gzip. */
export function isGzip(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  pipeline(Readable.from(chunks), unpacked, () => undefined);
  try {
    yield* unpacked;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new DocumentError('incomplete', `the document is compressed with gzip and not whole: ${error.message}`);
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

async function* counted(chunks: AsyncIterable<Buffer>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    packed.bytes += chunk.length;
    yield chunk;
  }
}
