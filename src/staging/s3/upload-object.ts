import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { StagedWriter } from '../staging.js';
import { asStagingError } from './s3-errors.js';
import { keyOf, uriOf, type S3Place } from './s3-place.js';

/** Ten thousand parts are the most that there may be: 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/**
 * Writes an object in parts, each with a checksum that the server compares. The object appears when the last part is there
 * and not before; what is smaller than a part is sent as one. In memory are at most the parts under way and the next.
 */
export function uploadObject(client: S3Client, place: S3Place, name: string): StagedWriter {
  const body = new PassThrough({ highWaterMark: 1024 * 1024 });
  const upload = new Upload({
    client,
    params: { Bucket: place.bucket, Key: keyOf(place, name), Body: body },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
  });
  const uploaded = upload.done();
  // Whoever writes or commits is told.
  uploaded.catch(() => undefined);
  const hash = createHash('sha256');
  let bytes = 0;
  let isCommitted = false;

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // Where the upload has failed, the stream only says that it is closed.
      const reason: unknown = body.destroyed ? await reasonOf(uploaded, error) : error;
      throw asStagingError(place, name, reason);
    }
  }

  return {
    write: (chunk) =>
      guarded(async () => {
        const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        hash.update(buffer);
        bytes += buffer.length;
        if (!body.write(buffer)) await Promise.race([once(body, 'drain'), uploaded]);
      }),
    soFar: () => ({ bytes, sha256: hash.copy().digest('hex') }),
    commit: () =>
      guarded(async () => {
        body.end();
        await uploaded;
        isCommitted = true;
        return { uri: uriOf(place, name), bytes, sha256: hash.digest('hex') };
      }),
    async abort() {
      if (isCommitted) return;
      body.on('error', () => undefined).destroy(new Error('given up'));
      // The parts that are there already are removed before it settles.
      await reasonOf(uploaded, undefined);
    },
  };
}

async function reasonOf(uploaded: Promise<unknown>, otherwise: unknown): Promise<unknown> {
  return uploaded.then(
    () => otherwise,
    (reason: unknown) => reason,
  );
}
