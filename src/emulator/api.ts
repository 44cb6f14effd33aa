import { Hono } from 'hono';
import { checkCredential } from './credential.js';
import { ApiError, failure } from './envelope.js';
import { createExecutionRoutes } from './execution-routes.js';
import { dateOf } from './clock.js';
import { applyFault } from './faults.js';
import type { RequestLog } from './ledger.js';
import { resetText, type Verdict } from './rate-limit.js';
import type { RateLimitSettings } from './rate-limit-settings.js';
import { createResultRoutes } from './result-routes.js';
import { ROUTES, type Handler, type Route, type RouteContext, type RouteEnvironment } from './route.js';
import { serviceTime, type State } from './state.js';
import { createTaskRoutes } from './task-routes.js';

export interface ApiOptions {
  readonly state: State;
  readonly log: RequestLog;
  /** The one credential that is accepted; undefined = any. */
  readonly token: string | undefined;
}

/** Everything under `/api/v1`. A request passes credential, rate limit and faults, in this order, to its handler. */
export function createApi({ state, log, token }: ApiOptions): Hono<RouteEnvironment> {
  const handlers: Readonly<Record<Route, Handler>> = {
    ...createTaskRoutes(state),
    ...createExecutionRoutes(state),
    ...createResultRoutes(state),
  };

  async function pass(context: RouteContext, route: string, handler: Handler, now: number): Promise<Passed> {
    checkCredential((name) => context.req.header(name), token);
    const { allowed, headers } = state.rateLimit.take(serviceTime(state, now));
    if (!allowed) return { response: tooManyRequests(state.rateLimit.settings(), headers), admitted: false };
    const proceed = async (): Promise<Response> => {
      const response = await answerOf(() => handler(context));
      return response.ok ? withHeaders(response, headers) : response;
    };
    const fault = state.faults().next(route, now);
    if (!fault) return { response: await proceed(), admitted: true };
    const resetIn = (ms: number): string => resetText(state.rateLimit.settings(), serviceTime(state) + ms);
    const response = await applyFault(context, fault, { proceed, resetIn });
    if (!state.rateLimit.settings().headers) response.headers.delete('X-RateLimit-Reset');
    return { response, admitted: true, fault: fault.name ?? fault.kind };
  }

  function recorded(route: string, handler: Handler): Handler {
    return async (context) => {
      const now = state.now();
      const { clock } = state.scenario();
      const serverMs = state.nextServer(clock);
      context.set('serverMs', serverMs);
      const { response, admitted, fault } = await pass(context, route, handler, now).catch((error: unknown): Passed => {
        return { response: refusalOf(error), admitted: false };
      });
      const date = dateOf(clock, serviceTime(state), serviceTime(state, state.scenarioSetAt()), serverMs);
      response.headers.set('Date', new Date(date).toUTCString());
      const { method, path } = context.req;
      const at = new Date(now).toISOString();
      log.record({ at, method, path, route, status: response.status, admitted, ...(fault ? { fault } : {}) });
      return response;
    };
  }

  const app = new Hono<RouteEnvironment>();
  for (const route of ROUTES) {
    const [method = '', path = ''] = route.split(' ');
    app.on(method, path, recorded(route, handlers[route]));
  }
  app.all('*', recorded('unknown', unknownRoute));
  return app;
}

interface Passed {
  readonly response: Response;
  /** Whether credential and rate limit let it in. */
  readonly admitted: boolean;
  /** Name or kind of the fault that hit the request. */
  readonly fault?: string;
}

async function answerOf(handle: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Response {
  if (error instanceof ApiError) return failure(error);
  return failure(new ApiError(500, `the emulator failed: ${error instanceof Error ? error.message : 'unknown error'}`));
}

function tooManyRequests({ limit, windowSeconds }: RateLimitSettings, headers: Verdict['headers']): Response {
  return failure(new ApiError(429, `more than ${limit} requests in ${windowSeconds} seconds`), headers);
}

function withHeaders(response: Response, headers: Verdict['headers']): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

const unknownRoute: Handler = ({ req }) => {
  throw new ApiError(404, `${req.method} ${req.path} is not among the routes of this emulator`);
};
