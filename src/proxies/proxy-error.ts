import type { Proxy } from './read-proxies.js';

/**
 * That a proxy did not let a request through: it has surely not reached the server. The code tells it from what a server does.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'ERR_PROXY';
}

/** @param error met on the way to the proxy, or with it */
export function notReached({ shown }: Proxy, error: unknown): ProxyError {
  return error instanceof ProxyError ? error : new ProxyError(`the proxy ${shown} does not answer: ${reasonIn(error)}`);
}

/** @param status of the proxy's answer to CONNECT */
export function notLetThrough({ shown, url, variable }: Proxy, server: string, status: number): ProxyError {
  const what = `the proxy ${shown} does not connect to ${server}: it answered ${status}`;
  if (status !== 407) return new ProxyError(what);
  const cure =
    url.username === ''
      ? `it wants a user and a password; write ${variable}=http://user:password@host:port`
      : `it does not take the user and the password that are in ${variable}; mend them`;
  return new ProxyError(`${what}, ${cure}`);
}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function reasonIn(error: unknown): string {
  if (error instanceof AggregateError) return reasonIn(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
