import { isGrpcServiceError } from '@temporalio/client';

/** Reason for which a Temporal server refuses a call. */
export interface Refusal {
  readonly kind: 'unauthenticated' | 'denied' | 'not found' | 'passing' | 'other';
  readonly words: string;
}

const KINDS: Readonly<Record<number, Refusal['kind']>> = { 5: 'not found', 7: 'denied', 16: 'unauthenticated' };

/** gRPC's codes for a call that broke off or took too long, and for a server that is busy, going down or absent. */
const PASSING = new Set([1, 2, 4, 8, 13, 14]);

/** The worker's connection has no codes when it is made, only their meanings. */
const MEANINGS = [
  ['does not have valid authentication credentials', 'unauthenticated'],
  ['does not have permission', 'denied'],
] as const;

/** The answer of the server, which the clients wrap; undefined: the error is none. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (isGrpcServiceError(error)) {
    const kind = PASSING.has(error.code) ? 'passing' : (KINDS[error.code] ?? 'other');
    // The worker's connection has no details.
    return { kind, words: error.details === '' ? error.message : error.details };
  }
  if (!(error instanceof Error)) return undefined;
  const meaning = MEANINGS.find(([words]) => error.message.includes(`code: 'The`) && error.message.includes(words));
  if (meaning !== undefined) {
    const words = /message: "(?<words>(?:[^"\\]|\\.)*)"/.exec(error.message)?.groups?.['words'];
    return { kind: meaning[1], words: words ?? 'no reason given' };
  }
  return error.cause === undefined ? undefined : refusalIn(error.cause);
}
