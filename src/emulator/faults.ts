import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { z } from 'zod';
import { ApiError, failure } from './envelope.js';
import type { Fault } from './fault-schema.js';
import type { Random } from './random.js';
import { FILE_ROUTES, type RouteContext } from './route.js';

/** Faults in force; a new scenario starts a new plan. */
export interface FaultPlan {
  /** The fault that hits this request, now counted as used; undefined = the request goes through. */
  next(route: string, now: number): Fault | undefined;
}

/**
 * @param setAt when the scenario was set, Unix milliseconds: `seconds` runs from here
 * @param random decides which requests a fault with a `probability` hits
 */
export function createFaultPlan(faults: readonly Fault[], setAt: number, random: Random): FaultPlan {
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
      if (!random.chance(fault.probability)) continue;
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

const answerSchema = z.object({ data: z.object({ id: z.string() }) });

/**
 * One kind of fault. `proceed` lets the request take its effect and gives the answer it would have had; `now` is the
 * service's clock.
 */
type Apply = (
  context: RouteContext,
  fault: Fault,
  proceed: () => Promise<Response>,
  now: () => number,
) => Promise<Response>;

/** A further kind needs its name in the scenario's schema and its behaviour here. */
const KINDS: Readonly<Record<Fault['kind'], Apply>> = { refuse, drop, fail, throttle, hang, delay, truncate };

/** Answers a request that a fault has hit. */
export function applyFault(...[context, fault, proceed, now]: Parameters<Apply>): Promise<Response> {
  return KINDS[fault.kind](context, fault, proceed, now);
}

async function refuse(_context: RouteContext, fault: Fault): Promise<Response> {
  return failure(new ApiError(fault.status ?? 503, fault.message ?? 'a scripted fault', fault.code));
}

async function drop(context: RouteContext, _fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  const { status } = await discarded(proceed);
  context.env.incoming.socket.destroy();
  return noAnswer(status);
}

async function fail(_context: RouteContext, fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  await discarded(proceed);
  return failure(new ApiError(fault.status ?? 500, fault.message ?? 'a scripted fault, after the effect', fault.code));
}

/** As the vendor's MCP front end was seen to do it: "slow down", with a run that is live. */
async function throttle(...[, fault, proceed, now]: Parameters<Apply>): Promise<Response> {
  const answer: unknown = await (await proceed()).json().catch(() => undefined);
  const error = { code: fault.code ?? 'TOO_MANY_REQUESTS', message: fault.message ?? 'a scripted fault: slow down' };
  const inOneSecond = String(Math.ceil(now() / 1000) + 1);
  const body = { success: false, error: { ...error, ...runIdIn(answer) } };
  return Response.json(body, { status: 429, headers: { 'X-RateLimit-Reset': inOneSecond } });
}

async function hang(context: RouteContext, _fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  const { status } = await discarded(proceed);
  const { socket } = context.env.incoming;
  if (!socket.destroyed) await once(socket, 'close');
  return noAnswer(status);
}

async function delay(_context: RouteContext, fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  await sleep(fault.delaySeconds * 1000);
  return proceed();
}

async function truncate(context: RouteContext, _fault: Fault, proceed: () => Promise<Response>): Promise<Response> {
  context.set('cutShort', true);
  return proceed();
}

/** Lets a request take its effect, and keeps the answer back. */
async function discarded(proceed: () => Promise<Response>): Promise<Response> {
  const response = await proceed();
  await response.body?.cancel();
  return response;
}

/** @param status for the ledger: what would have been answered */
function noAnswer(status: number): Response {
  return new Response(null, { status, headers: RESPONSE_ALREADY_SENT.headers });
}

function runIdIn(answer: unknown): { readonly run_id?: string } {
  const { data } = answerSchema.safeParse(answer);
  return data ? { run_id: data.data.id } : {};
}
