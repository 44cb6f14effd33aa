import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface FileRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Also breaks off the body. */
  readonly signal: AbortSignal;
}

/** Statuses whose answer has no body, and whose `Response` must not be given one. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * As `fetch`, for large bodies: where a body is cut off, reading it fails. `fetch` takes a chunked one that was cut off for
 * whole when the server had announced `Connection: close`, and a compressed one always. It follows no redirect, and
 * unpacks only what refuses.
 */
export async function requestFile(url: URL, { method, headers, signal }: FileRequest): Promise<Response> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? secureRequest : plainRequest;
    request(url, { method, headers, signal }, resolve).on('error', reject).end();
  });
  // Before somebody reads it an error has no other listener.
  answer.on('error', () => undefined);
  const { statusCode: status = 0 } = answer;
  const isEmpty = WITHOUT_BODY.has(status);
  if (isEmpty) answer.resume();
  const body = status >= 300 && answer.headers['content-encoding'] === 'gzip' ? unpacked(answer) : answer;
  return new Response(isEmpty ? null : Readable.toWeb(body), { status, headers: headersOf(answer) });
}

function unpacked(answer: IncomingMessage): Readable {
  return pipeline(answer, createGunzip(), () => undefined);
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
