import { StagingError } from '../staging.js';
import { uriOf, type S3Place } from './s3-place.js';

/**
 * What went wrong with an object, and how it is mended. `missing` is only an object that is not there: where the bucket
 * is gone, exporting again would not help. The SDK's error is not handed on as its cause: the request with its signature and
 * session token hangs on it.
 */
export function asStagingError(place: S3Place, name: string, error: unknown): StagingError {
  if (error instanceof StagingError) return error;
  const fault = faultIn(error);
  const uri = uriOf(place, name);
  if (fault.name === 'NoSuchKey') return new StagingError('missing', `staging: there is no ${uri}`);
  return new StagingError('unavailable', `staging: ${uri} cannot be used: ${describe(fault, place)}`);
}

interface Fault {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

const CREDENTIALS = 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile or role';
const RIGHTS =
  's3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads';

const CURES: Readonly<Record<string, string>> = {
  AccessDenied: `access is denied; the credentials need ${RIGHTS} there`,
  InvalidAccessKeyId: `the access key is not known; ${CREDENTIALS}`,
  SignatureDoesNotMatch: `the secret key is wrong; ${CREDENTIALS}`,
  ExpiredToken: `the credentials have expired; ${CREDENTIALS}`,
  CredentialsProviderError: `there are no credentials; ${CREDENTIALS}`,
  PermanentRedirect: 'the bucket is in another region; set AWS_REGION',
  PreconditionFailed: 'it was replaced while it was read',
};

function describe({ name, message, status }: Fault, { bucket, endpoint }: S3Place): string {
  if (name === 'NoSuchBucket') return `there is no bucket ${bucket}; make it, or mend TITANFLOW_STAGING`;
  if (message === 'Region is missing') return 'no region is known; set AWS_REGION';
  const cure = CURES[name];
  if (cure !== undefined) return cure;
  if (status === 407) return 'a proxy in between wants a user and a password; mend them in HTTPS_PROXY or HTTP_PROXY';
  if (name === 'AuthorizationHeaderMalformed') return `${message}; set AWS_REGION`;
  if (status !== undefined) return `${name} (${status}): ${message}`;
  const where = endpoint === undefined ? 'S3' : `${endpoint}; check AWS_ENDPOINT_URL`;
  return `${message}, from ${where}`;
}

function faultIn(error: unknown): Fault {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), status: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name: error.name,
    message: code === undefined || code === 'ERR_PROXY' ? error.message : code,
    status: statusIn(error),
  };
}

function statusIn(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return undefined;
  const { $metadata } = error;
  return 'httpStatusCode' in $metadata && typeof $metadata.httpStatusCode === 'number'
    ? $metadata.httpStatusCode
    : undefined;
}
