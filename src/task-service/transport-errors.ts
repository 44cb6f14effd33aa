/** What Node says when no answer came: which of these certainly never reached the service. */

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // A proxy did not let it through.
  'ERR_PROXY',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

export interface TransportFault {
  readonly neverSent: boolean;
  readonly reason: string;
}

/** An abort hides its reason in `cause`, and a host of several addresses its errors in an AggregateError. */
export function readTransportFault(error: unknown): TransportFault {
  const chain = causesOf(error);
  const coded = chain.find((cause) => codeOf(cause) !== undefined);
  const code = codeOf(coded);
  const timedOut = chain.some((cause) => cause instanceof Error && cause.name === 'TimeoutError');
  if (timedOut) return { neverSent: false, reason: 'no answer in time' };
  const last = chain.at(-1);
  const message = last instanceof Error && last.message !== '' ? last.message : String(code ?? error);
  return { neverSent: code !== undefined && NEVER_SENT.has(code), reason: message };
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let cause = error; cause !== undefined && chain.length < 8; cause = next(cause)) chain.push(cause);
  return chain;
}

function next(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
