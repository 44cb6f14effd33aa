import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Everything under `/api/v1`, as the API's own documentation names it. */
export const ROUTES = [
  'POST /tasks',
  'GET /tasks',
  'GET /tasks/:id',
  'PATCH /tasks/:id',
  'PUT /tasks/:id',
  'DELETE /tasks/:id',
  'POST /tasks/:id/run',
  'GET /tasks/:id/executions',
  'POST /executions',
  'GET /executions',
  'GET /executions/:id',
  'POST /executions/:id/pause',
  'POST /executions/:id/resume',
  'POST /executions/:id/stop',
  'GET /executions/:id/results',
  'GET /executions/:id/results/export',
  'GET /executions/:id/results/download',
] as const;

export type Route = (typeof ROUTES)[number];

/** Routes that answer with a file. */
export const FILE_ROUTES: ReadonlySet<string> = new Set<Route>([
  'GET /executions/:id/results/export',
  'GET /executions/:id/results/download',
]);

export interface RouteEnvironment {
  Bindings: HttpBindings;
  Variables: {
    /** Set by a fault: a file is to end in the middle. */
    cutShort?: boolean;
    /** How far the clock of the server is ahead that this request came to, in milliseconds. */
    serverMs?: number;
  };
}

export type RouteContext = Context<RouteEnvironment>;

/** Answers one request, or throws an `ApiError`. */
export type Handler = (context: RouteContext) => Response | Promise<Response>;

/** The `:id` of the path. */
export function idOf(context: RouteContext): string {
  return context.req.param('id') ?? '';
}
