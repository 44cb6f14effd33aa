import type { ClientConnectConfig } from '@temporalio/envconfig';
import { credentialOf, type Proxies } from '../proxies/read-proxies.js';

type ConnectionOptions = ClientConnectConfig['connectionOptions'];

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_PORT = 7233;

/** Adds the proxy of `grpc_proxy` to a connection, unless its server is exempt. */
export function withProxy(options: ConnectionOptions, { grpc, isExempt }: Proxies): ConnectionOptions {
  const { address = DEFAULT_ADDRESS } = options;
  const { host = address, port } = /^(?<host>.*?)(?::(?<port>\d+))?$/.exec(address)?.groups ?? {};
  if (!grpc || isExempt(host, Number(port ?? DEFAULT_PORT))) return options;
  const { hostname, port: proxyPort } = grpc.url;
  const [username = '', password = ''] = (credentialOf(grpc.url) ?? '').split(':');
  const basicAuth = username === '' ? {} : { basicAuth: { username, password } };
  const targetHost = `${hostname}:${proxyPort === '' ? 80 : proxyPort}`;
  return { ...options, proxy: { type: 'http-connect', targetHost, ...basicAuth } };
}

/**
 * For the client of commands, which reads `grpc_proxy` by itself, and `https_proxy` and `http_proxy` where nobody forbids it: a
 * worker's reads none of them, and both must go the same way.
 */
export function channelArgs({ proxy }: ConnectionOptions): { readonly 'grpc.enable_http_proxy': 0 | 1 } {
  return { 'grpc.enable_http_proxy': proxy === undefined ? 0 : 1 };
}
