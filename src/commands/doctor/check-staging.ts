import { loadStagingPlace } from '../../config.js';
import { openStaging } from '../../staging/open-staging.js';
import { StagingError } from '../../staging/staging.js';
import { requireWritable } from '../../stores/layout/require-writable.js';
import { bad, ok, reasonOf, type Check } from './check.js';

export async function checkStaging(): Promise<readonly Check[]> {
  const place = loadStagingPlace();
  if (place.kind === 'directory') return [await checkDirectory(place.directory)];
  const uri = `s3://${place.bucket}/${place.prefix}`;
  try {
    await openStaging(place);
    return [ok('staging', `${uri} can be read; whether it can be written to shows with the first export`)];
  } catch (error) {
    if (!(error instanceof StagingError)) throw error;
    return [
      bad(
        'unreachable',
        'staging',
        reasonOf(error),
        'check TITANFLOW_STAGING, AWS_ENDPOINT_URL_S3 and the credentials',
      ),
    ];
  }
}

async function checkDirectory(directory: string): Promise<Check> {
  try {
    await requireWritable(directory);
    return ok('staging', `${directory} can be written to`);
  } catch (error) {
    return bad('fail', 'staging', reasonOf(error), `let this user write to ${directory}, or set TITANFLOW_STAGING`);
  }
}
