import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface HttpProxy {
  /** Without user and password. */
  readonly url: string;
  readonly port: number;
  /** What it was asked for: `GET http://…` or `CONNECT host:port`, each with its `Proxy-Authorization`. */
  readonly asked: { readonly line: string; readonly authorization: string | undefined }[];
  /** Answers everything so from now on; `hang`: not at all. Undefined: it passes on. */
  answer(status: number | 'hang' | undefined): void;
  close(): Promise<void>;
}

/** A proxy as companies have it: absolute addresses are passed on, and CONNECT opens a tunnel. */
export async function startHttpProxy(credential?: string): Promise<HttpProxy> {
  const asked: HttpProxy['asked'] = [];
  const sockets = new Set<Socket>();
  let answer: number | 'hang' | undefined;

  function refusal({ headers, method, url }: IncomingMessage): number | 'hang' | undefined {
    const authorization = headers['proxy-authorization'];
    asked.push({ line: `${method} ${url}`, authorization });
    const wanted = credential === undefined ? undefined : `Basic ${Buffer.from(credential).toString('base64')}`;
    return wanted === undefined || wanted === authorization ? answer : 407;
  }

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    const refused = refusal(request);
    if (refused === 'hang') return;
    if (refused !== undefined) {
      response.writeHead(refused, { 'content-type': 'text/html' }).end('<html>the proxy says no</html>');
      return;
    }
    const { 'proxy-authorization': _own, 'proxy-connection': _hop, ...headers } = request.headers;
    const onward = ask(request.url ?? '', { method: request.method, headers, agent: false }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  }

  const server = createServer(passOn)
    .on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    })
    .on('connect', (request: IncomingMessage, client: Socket) => {
      const refused = refusal(request);
      if (refused === 'hang') return;
      if (refused !== undefined) {
        client.end(`HTTP/1.1 ${refused} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(`http://${request.url}`);
      const upstream = connect(Number(port === '' ? 80 : port), hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
    });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    answer(status) {
      answer = status;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
