import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readText } from './read-body.js';

export interface FileRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Also breaks off the body. */
  readonly signal: AbortSignal;
}

/** The parts of an answer that are read. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** The whole body. @param limit bytes, unpacked @throws BodyTooLong */
  text(limit: number): Promise<string>;
}

export interface FileAnswer extends Answer {
  readonly body: Readable;
}

/**
 * As `fetch`, for large bodies: where a body is cut off, reading it fails. `fetch` takes a chunked one that was cut off for
 * whole when the server had announced `Connection: close`, and a compressed one always; and its streams take as long as
 * all else that is done with the bytes. It follows no redirect, and unpacks only what refuses.
 */
export async function requestFile(url: URL, { method, headers, signal }: FileRequest): Promise<FileAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? secureRequest : plainRequest;
    request(url, { method, headers, signal }, resolve).on('error', reject).end();
  });
  const { statusCode: status = 0 } = answer;
  const body = status >= 300 && answer.headers['content-encoding'] === 'gzip' ? unpacked(answer) : answer;
  // Before somebody reads it an error has no other listener.
  body.on('error', () => undefined);
  const ok = status >= 200 && status < 300;
  return { ok, status, headers: headersOf(answer), body, text: (limit) => readText(body, limit) };
}

function unpacked(answer: IncomingMessage): Readable {
  answer.on('error', () => undefined);
  return pipeline(answer, createGunzip(), () => undefined);
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
