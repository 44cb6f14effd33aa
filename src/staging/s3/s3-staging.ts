import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { refuseOddName } from '../staged-name.js';
import type { Staging } from '../staging.js';
import { listObjects } from './list-objects.js';
import { readObject } from './read-object.js';
import { asStagingError } from './s3-errors.js';
import { keyOf, type S3Place } from './s3-place.js';
import { uploadObject } from './upload-object.js';

/**
 * Staging in a bucket, for workers that share no disk. Region and credentials come from the SDK's own environment.
 *
 * @throws StagingError when the bucket cannot be looked into
 */
export async function openS3Staging(place: S3Place): Promise<Staging> {
  const client = new S3Client({
    ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint, forcePathStyle: true }),
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000, ...place.openAgents?.() },
    // Node writes the head of a request that expects to be told to go on before a proxy can be chosen for it.
    ...(place.openAgents ? { expectContinueHeader: false } : {}),
  });
  try {
    await client.send(new ListObjectsV2Command({ Bucket: place.bucket, Prefix: keyOf(place, ''), MaxKeys: 1 }));
  } catch (error) {
    throw asStagingError(place, '', error);
  }
  return {
    id: undefined,
    async create(name) {
      refuseOddName(name);
      return uploadObject(client, place, name);
    },
    read(name) {
      refuseOddName(name);
      return readObject(client, place, name);
    },
    pathOf: () => undefined,
    list: () => listObjects(client, place),
  };
}
