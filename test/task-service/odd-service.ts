import type { ServerResponse } from 'node:http';
import { startServer } from '../helpers/http-server.js';

type Fields = Readonly<Record<string, unknown>>;

/** One execution, as the service shows it where it does not show it like the others. */
export interface Oddity {
  /** Fields of its row in a list; undefined: it is left out there. */
  readonly inList?: ((fields: Fields) => unknown) | 'left out';
  /** The answer to a question about it alone. */
  readonly alone?: ((fields: Fields) => Fields) | 'hangs' | 'breaks off' | number;
  /** How the list as a whole is answered. */
  readonly list?: 'hangs' | number;
  readonly id?: string;
}

/** A Task Service of executions that end after their time, one of which is odd. */
export interface OddService {
  readonly url: string;
  readonly ids: readonly string[];
  readonly oddId: string;
  /** Requests so far. */
  requests(): { readonly list: number; readonly single: number };
  close(): Promise<void>;
}

interface Script {
  readonly count: number;
  readonly endAfterMs: (index: number) => number;
}

export async function startOddService(oddity: Oddity, { count, endAfterMs }: Script): Promise<OddService> {
  const began = Date.now();
  const ids = Array.from({ length: count }, (_, index) => (index === 0 && oddity.id) || crypto.randomUUID());
  const oddId = ids[0] ?? '';
  const requests = { list: 0, single: 0 };

  function fieldsOf(id: string): Fields {
    const endsAt = began + endAfterMs(ids.indexOf(id));
    const hasEnded = Date.now() >= endsAt;
    return {
      id,
      task_id: '7f0c1c1e-0000-4000-8000-000000000001',
      status: hasEnded ? 'completed' : 'running',
      created_at: new Date(began).toISOString(),
      updated_at: new Date(hasEnded ? endsAt : began).toISOString(),
    };
  }

  function rowOf(id: string): unknown[] {
    const { inList } = oddity;
    if (id !== oddId || inList === undefined) return [fieldsOf(id)];
    return inList === 'left out' ? [] : [inList(fieldsOf(id))];
  }

  function answerList(url: URL, response: ServerResponse): void {
    requests.list += 1;
    if (oddity.list === 'hangs') return;
    if (oddity.list !== undefined) return send(response, oddity.list, {});
    const offset = Number(url.searchParams.get('offset') ?? 0);
    send(response, 200, ids.flatMap(rowOf).slice(offset, offset + 100));
  }

  function answerOne(id: string, response: ServerResponse): void {
    requests.single += 1;
    const { alone } = oddity;
    if (id !== oddId || alone === undefined) return send(response, 200, fieldsOf(id));
    if (alone === 'hangs') return;
    if (alone === 'breaks off') response.destroy();
    else if (typeof alone === 'number') send(response, alone, {});
    else send(response, 200, alone(fieldsOf(id)));
  }

  const server = await startServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://any');
    const [, id] = /^\/api\/v1\/executions\/(.+)$/u.exec(url.pathname) ?? [];
    if (id === undefined) answerList(url, response);
    else answerOne(decodeURIComponent(id), response);
  });
  return { url: server.url, ids, oddId, requests: () => ({ ...requests }), close: async () => server.close() };
}

function send(response: ServerResponse, status: number, data: unknown): void {
  const failure = { success: false, error: { code: 'INTERNAL_SERVER_ERROR', message: 'broken' } };
  const body = status < 400 ? { success: true, data } : failure;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
