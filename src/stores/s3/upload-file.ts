import { createReadStream } from 'node:fs';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { LocalFile } from '../layout/local-file.js';
import type { Bucket } from './bucket.js';
import { isLost, isMissing } from './s3-failure.js';

interface Address {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * Puts a file into the bucket if its key is free: in parts where it is big, each with a checksum that the server proves.
 *
 * @returns false where other bytes are there
 */
export async function uploadFile(
  bucket: Bucket,
  address: Address,
  file: LocalFile,
  signal: AbortSignal,
): Promise<boolean> {
  return bucket.use(signal, async (client) => {
    const there = await lookAt(client, address, file);
    if (there !== 'nothing') {
      return there === 'the same';
    }
    await abortLeftovers(client, address);
    const body = createReadStream(file.path);
    const aborting = new AbortController();
    const abort = (): void => aborting.abort();
    signal.addEventListener('abort', abort);
    const upload = new Upload({
      client,
      partSize: Math.max(PART_BYTES, Math.ceil(file.bytes / MOST_PARTS)),
      abortController: aborting,
      params: {
        ...address,
        Body: body,
        ContentLength: file.bytes,
        ChecksumAlgorithm: 'CRC32',
        Metadata: { sha256: file.sha256 },
        IfNoneMatch: '*',
      },
    });
    try {
      await upload.done();
      return true;
    } catch (error) {
      if (isLost(error)) {
        return (await lookAt(client, address, file)) === 'the same';
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      body.destroy();
    }
  });
}

/** Four parts are in memory at once. */
const PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const STALE_MS = 24 * 3_600_000;

async function lookAt(
  client: S3Client,
  address: Address,
  file: LocalFile,
): Promise<'nothing' | 'the same' | 'other bytes'> {
  try {
    const { ContentLength, Metadata } = await client.send(new HeadObjectCommand(address));
    const isSame = ContentLength === file.bytes && Metadata?.['sha256'] === file.sha256;
    return isSame ? 'the same' : 'other bytes';
  } catch (error) {
    if (isMissing(error)) {
      return 'nothing';
    }
    throw error;
  }
}

/**
 * Parts of a load that was killed are paid for until their upload is aborted: those of this key, and what has been under
 * way in this folder for a day. Nothing depends on it, so nothing fails with it.
 */
async function abortLeftovers(client: S3Client, { Bucket, Key }: Address): Promise<void> {
  try {
    const folder = Key.slice(0, Key.lastIndexOf('/') + 1);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: folder }));
    const left = Uploads.filter((upload) => upload.Key === Key || isStale(upload.Initiated));
    await Promise.all(
      left.map((upload) =>
        client.send(new AbortMultipartUploadCommand({ Bucket, Key: upload.Key, UploadId: upload.UploadId })),
      ),
    );
  } catch {
    // The keys may not be allowed to list uploads, or another load has aborted them.
  }
}

function isStale(since: Date | undefined): boolean {
  return since !== undefined && Date.now() - since.getTime() > STALE_MS;
}
