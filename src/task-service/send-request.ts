import { request as plainRequest, type Agent as PlainAgent, type IncomingMessage } from 'node:http';
import { request as secureRequest, type Agent as SecureAgent } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { orAborted } from '../domain/or-aborted.js';
import { readText } from './read-body.js';

/** Which connections requests take, by the scheme of their address. */
export interface Agents {
  readonly httpAgent: PlainAgent;
  readonly httpsAgent: SecureAgent;
}

export interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Also breaks off the body of the answer. */
  readonly signal: AbortSignal;
}

/** The parts of an answer that are read. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** The whole body. @param limit bytes, unpacked @throws BodyTooLong; the signal's reason */
  text(limit: number): Promise<string>;
}

export interface FileAnswer extends Answer {
  /** As it was sent, perhaps compressed. */
  readonly body: Readable;
}

/**
 * Sends a request by Node's own client. Unlike `fetch`, it lets reading a body fail that was cut off: `fetch` takes a chunked
 * one that was cut off for whole when the server had announced `Connection: close`, and a compressed one always. Its
 * streams also take as long as all else that is done with the bytes. It follows no redirect.
 */
export async function sendRequest(
  url: URL,
  { method, headers, body, signal }: Request,
  { httpAgent, httpsAgent }: Agents,
): Promise<FileAnswer> {
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const options = { method, headers: { ...headers, ...lengthOf(body) }, signal };
    const request = isSecure
      ? secureRequest(url, { ...options, agent: httpsAgent }, resolve)
      : plainRequest(url, { ...options, agent: httpAgent }, resolve);
    request.on('error', reject).end(body);
  });
  // Node lets a request without a connection wait for one, even when it is aborted.
  const answer = await orAborted(answered, signal);
  const { statusCode: status = 0 } = answer;
  // Before somebody reads it an error has no other listener.
  answer.on('error', () => undefined);
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: headersOf(answer),
    body: answer,
    async text(limit) {
      try {
        return await readText(unpacked(answer), limit);
      } catch (error) {
        throw signal.aborted ? signal.reason : error;
      }
    },
  };
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function unpacked(answer: IncomingMessage): Readable {
  switch (answer.headers['content-encoding']?.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return pipeline(answer, createGunzip(), () => undefined);
    case 'deflate':
      return pipeline(answer, createInflate(), () => undefined);
    case 'br':
      return pipeline(answer, createBrotliDecompress(), () => undefined);
    default:
      return answer;
  }
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
