import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { StagedEntry } from '../staging.js';
import { asStagingError } from './s3-errors.js';
import { keyOf, type S3Place } from './s3-place.js';

/** Objects in the order of their keys, and then the uploads that are under way, or were given up without a word. */
export async function* listObjects(client: S3Client, place: S3Place): AsyncGenerator<StagedEntry> {
  const Prefix = keyOf(place, '');
  try {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: place.bucket, Prefix })) {
      for (const { Key = '', LastModified = new Date() } of Contents) {
        const command = new DeleteObjectCommand({ Bucket: place.bucket, Key });
        const remove = async (): Promise<void> => void (await client.send(command));
        yield entryOf(place, Key.slice(Prefix.length), { changedAt: LastModified, isFinished: true, remove });
      }
    }
    yield* listUploads(client, place, Prefix);
  } catch (error) {
    throw asStagingError(place, '', error);
  }
}

async function* listUploads(client: S3Client, place: S3Place, Prefix: string): AsyncGenerator<StagedEntry> {
  let from = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix, ...from }));
    for (const { Key = '', UploadId, Initiated = new Date() } of page.Uploads ?? []) {
      const command = new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId });
      const remove = async (): Promise<void> => void (await client.send(command));
      yield entryOf(place, Key.slice(Prefix.length), { changedAt: Initiated, isFinished: false, remove });
    }
    if (page.IsTruncated !== true) return;
    from = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

function entryOf(place: S3Place, name: string, entry: Omit<StagedEntry, 'name'>): StagedEntry {
  return {
    ...entry,
    name,
    async remove() {
      try {
        await entry.remove();
      } catch (error) {
        if (error instanceof NoSuchUpload) return;
        throw asStagingError(place, name, error);
      }
    },
  };
}
