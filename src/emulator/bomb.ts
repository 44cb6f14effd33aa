import { gzipSync } from 'node:zlib';

const MEGABYTE = 1024 * 1024;
const PACKED_MEGABYTE = gzipSync(Buffer.alloc(MEGABYTE, ' '));

/**
 * Puts so many megabytes of spaces, which mean nothing there, before the same JSON: a kilobyte each on the wire. A gzip
 * file may consist of several, so that nothing large is ever made here.
 */
export async function inflated(response: Response, megabytes: number): Promise<Response> {
  if (response.headers.get('content-type')?.includes('json') !== true) return response;
  const text = Buffer.from(await response.arrayBuffer());
  const body = Buffer.concat([...Array.from({ length: megabytes }, () => PACKED_MEGABYTE), gzipSync(text)]);
  const headers = new Headers(response.headers);
  headers.set('Content-Encoding', 'gzip');
  headers.set('Content-Length', String(body.length));
  headers.delete('Transfer-Encoding');
  return new Response(body, { status: response.status, headers });
}
