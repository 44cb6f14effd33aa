import { openLocalStaging } from './local-staging.js';
import type { S3Place } from './s3/s3-place.js';
import type { Staging } from './staging.js';

/** Where exports are staged: a directory of this machine, or a bucket that all workers reach. */
export type StagingPlace = { readonly kind: 'directory'; readonly directory: string } | S3Place;

/** @throws StagingError when the place cannot be used */
export async function openStaging(place: StagingPlace): Promise<Staging> {
  if (place.kind === 'directory') return openLocalStaging(place.directory);
  // Only who stages there loads the SDK.
  const { openS3Staging } = await import('./s3/s3-staging.js');
  return openS3Staging(place);
}
