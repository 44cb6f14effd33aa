import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { startServer } from './http-server.js';

/** An answer that a gateway gives in place of the service's; `reset` breaks the connection. */
export type GatewayAnswer =
  | 'reset'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer };

interface GatewayRule {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Matches the path with its query. */
  readonly path: RegExp;
  readonly answer: GatewayAnswer;
  /** Whether the service gets the request all the same. Default false. */
  readonly afterEffect?: boolean;
  /** How often the rule holds; default: every time. */
  readonly times?: number;
}

/** Stands between a client and the service, and answers itself where a rule says so. */
export interface Gateway {
  readonly url: string;
  /** Replaces all rules. */
  setRules(rules: readonly GatewayRule[]): void;
  close(): Promise<void>;
}

export async function startGateway(serviceUrl: string): Promise<Gateway> {
  let rules: { readonly rule: GatewayRule; used: number }[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const found = rules.find(
      ({ rule, used }) =>
        rule.method === request.method && rule.path.test(request.url ?? '') && used < (rule.times ?? Infinity),
    );
    if (!found) return passOn(request, body, response);
    found.used += 1;
    const { rule } = found;
    if (rule.afterEffect === true) await passOn(request, body, undefined);
    if (rule.answer === 'reset') {
      request.socket.destroy();
      return;
    }
    response.writeHead(rule.answer.status, rule.answer.headers).end(rule.answer.body);
  }

  function passOn(request: IncomingMessage, body: Buffer, response: ServerResponse | undefined): Promise<void> {
    return new Promise((resolve) => {
      const onward = ask(new URL(request.url ?? '/', serviceUrl), {
        method: request.method,
        headers: { ...request.headers, host: new URL(serviceUrl).host },
        agent: false,
      });
      onward.on('error', () => {
        response?.destroy();
        resolve();
      });
      onward.on('response', (reply) => {
        if (response) {
          response.writeHead(reply.statusCode ?? 500, reply.headers);
          reply.on('error', () => response.destroy()).pipe(response);
        } else reply.resume();
        reply.on('close', resolve);
      });
      onward.end(body);
    });
  }

  const server = await startServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return {
    url: server.url,
    setRules(next) {
      rules = next.map((rule) => ({ rule, used: 0 }));
    },
    close: () => server.close(),
  };
}
