import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request as ask } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

export interface TlsServer {
  /** `https://localhost:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves another server's answers by TLS, with a certificate of a new authority.
 *
 * @param caFile where the authority's own certificate is written
 */
export async function startTlsServer(serviceUrl: string, caFile: string): Promise<TlsServer> {
  const authority = await generate([{ name: 'commonName', value: 'Authority of a test' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  await writeFile(caFile, authority.cert);
  const server = createServer({ key, cert }, (request, response) => {
    const { host: _host, ...headers } = request.headers;
    const onward = ask(new URL(request.url ?? '/', serviceUrl), { method: request.method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
