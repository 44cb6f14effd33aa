import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { ApiError, failure } from './envelope.js';
import { FILE_ROUTES, type RouteContext } from './route.js';
import type { Fault } from './scenario.js';

/** Faults in force; a new scenario starts a new plan. */
export interface FaultPlan {
  /** The fault that hits this request, now counted as used; undefined = the request goes through. */
  next(route: string, now: number): Fault | undefined;
}

/** @param setAt when the scenario was set, Unix milliseconds: `seconds` runs from here */
export function createFaultPlan(faults: readonly Fault[], setAt: number): FaultPlan {
  const entries = faults.map((fault) => ({ fault, passed: 0, used: 0 }));

  function next(route: string, now: number): Fault | undefined {
    for (const entry of entries) {
      const { fault } = entry;
      const isOver = fault.seconds !== undefined && now >= setAt + fault.seconds * 1000;
      const isUsedUp = fault.count !== undefined && entry.used >= fault.count;
      if (isOver || isUsedUp || !concerns(fault, route)) continue;
      if (entry.passed < fault.skip) {
        entry.passed += 1;
        continue;
      }
      entry.used += 1;
      return fault;
    }
    return undefined;
  }

  return { next };
}

function concerns(fault: Fault, route: string): boolean {
  if (fault.kind === 'truncate' && !FILE_ROUTES.has(route)) return false;
  return fault.route === '*' || fault.route === route;
}

/** One kind of fault. `proceed` lets the request take its effect and gives the answer it would have had. */
type Apply = (context: RouteContext, fault: Fault, proceed: () => Promise<Response>) => Promise<Response>;

/** A further kind needs its name in the scenario's schema and its behaviour here. */
const KINDS: Readonly<Record<Fault['kind'], Apply>> = { refuse, drop, truncate };

/** Answers a request that a fault has hit. */
export function applyFault(context: RouteContext, fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  return KINDS[fault.kind](context, fault, proceed);
}

async function refuse(_context: RouteContext, fault: Fault): Promise<Response> {
  return failure(new ApiError(fault.status ?? 503, fault.message ?? 'a scripted fault', fault.code));
}

async function drop(context: RouteContext, _fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  const response = await proceed();
  await response.body?.cancel();
  context.env.incoming.socket.destroy();
  return new Response(null, { status: response.status, headers: RESPONSE_ALREADY_SENT.headers });
}

async function truncate(context: RouteContext, _fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  context.set('cutShort', true);
  return proceed();
}
