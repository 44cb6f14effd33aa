import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it goes on, its reply is lost, it is lost itself, or it is answered here. */
export type Fate = 'pass' | 'lose the reply' | 'lose' | { readonly status: number; readonly code: string };

export interface S3Proxy {
  readonly endpoint: string;
  /** Decides on each request; all pass until it is set. @param url path and query */
  decide: (method: string, url: string) => Fate | Promise<Fate>;
  stop(): Promise<void>;
}

/** Stands between a store and a real S3 server, for what goes wrong on the way. */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => incoming.socket.destroy());
  });
  const proxy: S3Proxy = {
    endpoint: '',
    decide: () => 'pass',
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming;
    const fate = await proxy.decide(method, url);
    if (fate === 'lose') {
      incoming.socket.destroy();
      return;
    }
    if (typeof fate === 'object') {
      incoming.resume();
      answer.writeHead(fate.status, { 'content-type': 'application/xml' });
      answer.end(fate.code === '' ? '' : `<Error><Code>${fate.code}</Code><Message>${fate.code}</Message></Error>`);
      return;
    }
    // The host is signed, so it stays the one that the store has asked.
    const outgoing = request(new URL(url, target), { method, headers: incoming.headers });
    incoming.pipe(outgoing);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    if (fate === 'lose the reply') {
      reply.resume();
      await once(reply, 'end');
      incoming.socket.destroy();
      return;
    }
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(proxy, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
