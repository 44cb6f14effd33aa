import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenAddress } from '../settings.js';
import { UserError } from '../user-error.js';
import type { Health } from './health.js';

export interface ProbeServer {
  /** Where it answers; of an address that means "all" one that can be asked. */
  readonly url: string;
  /** Ends open connections at once. */
  close(): Promise<void>;
}

export interface Probed {
  readonly health: Health;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody else listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ENOTFOUND: 'there is no such host',
};

/** Serves `/livez`, `/readyz` and `/metrics`. @throws UserError when it cannot listen there */
export async function serveProbes(address: ListenAddress, probed: Probed): Promise<ProbeServer> {
  const server = createServer((request, response) => void answer(request, response, probed));
  try {
    await once(server.listen(address), 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code] ?? String(error);
    throw new UserError(2, `TITANFLOW_LISTEN: cannot listen on ${show(address)}: ${reason}`, { cause: error });
  }
  return { url: urlOf(server, address), close: async () => close(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, probed: Probed): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const { status, body } = isRead ? await read(path, probed) : { status: 405, body: 'GET and HEAD only\n' };
  response.writeHead(status, {
    'content-type': path === '/metrics' && status === 200 ? METRICS : TEXT,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(isRead ? {} : { allow: 'GET, HEAD' }),
  });
  response.end(body);
}

async function read(path: string, { health, metrics }: Probed): Promise<Answer> {
  switch (path) {
    case '/livez':
      return verdict(health.ailments());
    case '/readyz':
      return verdict(health.hindrances());
    case '/metrics':
      return metrics().then(
        (body) => ({ status: 200, body }),
        (error: unknown) => ({ status: 500, body: `${String(error)}\n` }),
      );
    default:
      return { status: 404, body: 'there are /livez, /readyz and /metrics\n' };
  }
}

function verdict(wrong: readonly string[]): Answer {
  return wrong.length === 0 ? { status: 200, body: 'ok\n' } : { status: 503, body: `${wrong.join('\n')}\n` };
}

function show({ host = '', port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function urlOf(server: Server, { host, port }: ListenAddress): string {
  const bound = server.address();
  const isAll = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${show({
    host: isAll ? '127.0.0.1' : host,
    port: typeof bound === 'object' && bound ? bound.port : port,
  })}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
