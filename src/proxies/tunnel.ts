import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { notLetThrough, notReached, ProxyError } from './proxy-error.js';
import { credentialOf, type Proxy } from './read-proxies.js';

/** So long may a proxy take to connect. A request that is given up earlier leaves the tunnel to the next one. */
const CONNECTS_WITHIN_MS = 15_000;

/**
 * Opens a connection to a server through a proxy, by CONNECT.
 *
 * @throws ProxyError
 */
export function openTunnel(proxy: Proxy, host: string, port: number): Promise<Socket> {
  const server = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const request = proxy.url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(proxyAddress(proxy), {
      method: 'CONNECT',
      path: server,
      headers: { host: server, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: CONNECTS_WITHIN_MS,
    });
    asked
      .on('connect', ({ statusCode: status = 0 }, socket: Socket, head: Buffer) => {
        if (status >= 200 && status < 300) {
          socket.setTimeout(0);
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
          return;
        }
        socket.destroy();
        reject(notLetThrough(proxy, server, status));
      })
      .on('response', (answer) => {
        answer.destroy();
        reject(notLetThrough(proxy, server, answer.statusCode ?? 0));
      })
      .on('timeout', () => {
        const within = `within ${CONNECTS_WITHIN_MS / 1000} s`;
        asked.destroy(new ProxyError(`the proxy ${proxy.shown} did not connect to ${server} ${within}`));
      })
      .on('error', (error) => reject(notReached(proxy, error)))
      .end();
  });
}

/** The proxy's address alone: its user and password are sent by us, decoded. */
function proxyAddress({ url }: Proxy): URL {
  return new URL(url.origin);
}

/** Returns the header that shows user and password to a proxy; none where it has none. */
export function proxyAuthorization({ url }: Proxy): Record<string, string> {
  const credential = credentialOf(url) ?? '';
  return credential === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credential).toString('base64')}` };
}
