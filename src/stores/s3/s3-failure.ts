import { StoreError } from '../store.js';

/**
 * Says what a failed request means, and what can be done. The error itself is not passed on: it may hold the key's id and
 * what was signed.
 *
 * @param where the bucket and its server
 */
export function s3Failure(where: string, error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const { name, code, status, message } = factsOf(error);
  if (message.includes('Region is missing')) {
    return new StoreError('rejected', `${where}: no region is set; set region, or AWS_REGION.`);
  }
  const known = KNOWN.find(({ names }) => names.includes(name) || names.includes(code ?? ''));
  if (known !== undefined) {
    return new StoreError(known.reason, `${where}: ${known.says} (${code ?? name}).`);
  }
  if (status === PROXY_WANTS_A_USER) {
    const says = 'a proxy in between wants a user and a password, or does not take those that it is given (407)';
    return new StoreError('unavailable', `${where}: ${says}; mend them in HTTPS_PROXY or HTTP_PROXY.`);
  }
  if (status === 403 || status === 401) {
    return new StoreError(
      'rejected',
      `${where}: these keys may not do that; let them read, write, list and delete (${name}).`,
    );
  }
  const words = [message.split('\n')[0], `(${[code ?? name, status].filter((part) => part !== undefined).join(' ')})`];
  const isFinal = status !== undefined && status >= 400 && status < 500 && !PASSING_STATUS.has(status);
  return new StoreError(isFinal ? 'rejected' : 'unavailable', `${where}: ${words.join(' ')}`);
}

/** A conditional write came to nothing: the object is not as it was, or another write was under way. */
export function isLost(error: unknown): boolean {
  const { status } = factsOf(error);
  return status === 412 || status === 409;
}

/** The object is not there; a bucket that is not there is another matter. */
export function isMissing(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 404 && (name === 'NoSuchKey' || name === 'NotFound');
}

/** The names and HTTP status of whatever the SDK throws. */
function factsOf(error: unknown): {
  readonly name: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly message: string;
} {
  if (!(error instanceof Error)) {
    return { name: 'Error', code: undefined, status: undefined, message: String(error) };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // A host with several addresses fails with an AggregateError, whose own message is empty.
  const message = error.message === '' && error instanceof AggregateError ? String(error.errors[0]) : error.message;
  return { name: error.name, code, status: statusOf(error), message };
}

interface KnownFailure {
  readonly names: readonly string[];
  readonly reason: StoreError['reason'];
  readonly says: string;
}

const KNOWN: readonly KnownFailure[] = [
  {
    names: ['NoSuchBucket'],
    reason: 'rejected',
    says: 'there is no such bucket; create it, or set another',
  },
  {
    names: ['AccessDenied', 'AllAccessDisabled', 'AccountProblem'],
    reason: 'rejected',
    says: 'these keys may not do that; let them read, write, list and delete there',
  },
  {
    names: ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'XAdminUserNotFound'],
    reason: 'rejected',
    says: 'the server does not accept the keys; check accessKeyId and secretAccessKey, or where the SDK takes them from',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    reason: 'unavailable',
    says: 'the keys have expired; renew them',
  },
  {
    names: ['CredentialsProviderError'],
    reason: 'rejected',
    says: 'no keys were found; set accessKeyId and secretAccessKey, or give the process a role or a profile',
  },
  {
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
    reason: 'rejected',
    says: 'the bucket is in another region; set region',
  },
  {
    names: ['SlowDown', 'Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded'],
    reason: 'unavailable',
    says: 'the server asks for fewer requests',
  },
  {
    names: ['RequestTimeTooSkewed'],
    reason: 'unavailable',
    says: 'the clocks of this machine and of the server differ by more than 15 minutes; set this one',
  },
  {
    names: ['NotImplemented'],
    reason: 'rejected',
    says: 'the server does not know what is asked; use one that has conditional writes and uploads in parts',
  },
  {
    names: ['NoSuchUpload'],
    reason: 'unavailable',
    says: 'an upload was aborted by another load of the same run, or by a rule of the bucket',
  },
  {
    names: ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'TimeoutError'],
    reason: 'unavailable',
    says: 'the server does not answer; check endpoint and network',
  },
];

/** By its very meaning the status of a proxy, which has passed nothing on. */
const PROXY_WANTS_A_USER = 407;
const PASSING_STATUS = new Set([408, 409, 412, 425, 429]);

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) {
    return undefined;
  }
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
