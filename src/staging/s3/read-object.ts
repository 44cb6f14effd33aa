import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CHUNK_BYTES } from '../staging.js';
import { asStagingError } from './s3-errors.js';
import { keyOf, type S3Place } from './s3-place.js';

const RANGE_BYTES = 4 * 1024 * 1024;
const LONGEST_MS = 60_000;

/**
 * Reads an object in ranges, one ahead of the reader: no connection stays open while a slow store takes its rows, and what
 * breaks off is asked for again from there. All ranges are of the same object, also when it is replaced meanwhile.
 */
export async function* readObject(client: S3Client, place: S3Place, name: string): AsyncGenerator<Buffer> {
  const left = new AbortController();
  const source: Source = { client, bucket: place.bucket, key: keyOf(place, name), signal: left.signal };
  try {
    let { bytes, total, etag } = await getRange(source, 0);
    for (let at = bytes.length; ; at += bytes.length) {
      const ahead = at < total ? getRange(source, at, etag) : undefined;
      // The reader may leave without asking for it.
      ahead?.catch(() => undefined);
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
      if (!ahead) return;
      ({ bytes } = await ahead);
    }
  } catch (error) {
    throw asStagingError(place, name, error);
  } finally {
    left.abort();
  }
}

interface Source {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly signal: AbortSignal;
}

interface Range {
  readonly bytes: Buffer;
  /** Of the whole object. */
  readonly total: number;
  readonly etag: string | undefined;
}

/** The SDK asks again where no answer comes, but not where one breaks off. */
async function getRange(source: Source, at: number, etag?: string): Promise<Range> {
  try {
    return await getRangeOnce(source, at, etag);
  } catch (error) {
    if (source.signal.aborted || isAnswer(error)) throw error;
    return getRangeOnce(source, at, etag);
  }
}

async function getRangeOnce({ client, bucket, key, signal }: Source, at: number, etag?: string): Promise<Range> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    Range: `bytes=${at}-${at + RANGE_BYTES - 1}`,
    ...(etag === undefined ? {} : { IfMatch: etag }),
  });
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  try {
    const { Body, ContentRange, ContentLength = 0, ETag } = await client.send(command, { abortSignal });
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    if (bytes.length !== ContentLength) throw new Error(`${bytes.length} of ${ContentLength} bytes came`);
    return { bytes, total: Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1] ?? at + ContentLength), etag: ETag };
  } catch (error) {
    // An empty object has no range.
    if (at === 0 && error instanceof Error && error.name === 'InvalidRange') return EMPTY;
    throw error;
  }
}

const EMPTY: Range = { bytes: Buffer.alloc(0), total: 0, etag: undefined };

function isAnswer(error: unknown): boolean {
  return error instanceof Error && '$response' in error;
}
