import { storeFact } from '../../domain/store-facts.js';
import { reasonFor, StoreError } from '../store.js';

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
  const fact = storeFact('s3', [code ?? name, ...(code === undefined ? [] : [name]), status], message);
  const told = [code ?? name, status].filter((part) => part !== undefined).join(' ');
  // What the table says helps more than the server's words, unless it is all that can be said of a status.
  const words = SAYS_LITTLE.test(fact.says)
    ? `${message.split('\n')[0]} (${told})`
    : fact.words === undefined
      ? `${fact.why} (${code ?? name}).`
      : `${fact.why}.`;
  return new StoreError(reasonFor(fact), `${where}: ${words}`);
}

const SAYS_LITTLE = /^(?:$|any other|40[89],|OperationAborted)/;

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

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) {
    return undefined;
  }
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
