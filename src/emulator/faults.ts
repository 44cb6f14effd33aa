import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { z } from 'zod';
import { inflated } from './bomb.js';
import type { Fault } from './fault-schema.js';
import type { RouteContext } from './route.js';
import { scriptedAnswer } from './scripted-answer.js';
import { slowBody } from './slow-body.js';

const answerSchema = z.object({ data: z.object({ id: z.string() }) });

/** The service around a fault. */
interface Surroundings {
  /** Lets the request take its effect, and gives the answer it would have had. */
  readonly proceed: () => Promise<Response>;
  /** What `X-RateLimit-Reset` says when there is room in so many milliseconds. */
  readonly resetIn: (ms: number) => string;
}

type Apply = (context: RouteContext, fault: Fault, surroundings: Surroundings) => Promise<Response>;

/** A further kind needs its name in the scenario's schema and its behaviour here. */
const KINDS: Readonly<Record<Fault['kind'], Apply>> = {
  refuse,
  drop,
  fail,
  throttle,
  hang,
  delay,
  truncate,
  trickle,
  bomb,
};

/** Answers a request that a fault has hit. */
export function applyFault(...[context, fault, surroundings]: Parameters<Apply>): Promise<Response> {
  return KINDS[fault.kind](context, fault, surroundings);
}

async function refuse(context: RouteContext, fault: Fault): Promise<Response> {
  return scriptedAnswer(context, fault, { status: 503, message: 'a scripted fault' });
}

async function drop(context: RouteContext, _fault: Fault, { proceed }: Surroundings): Promise<Response> {
  const { status } = await discarded(proceed);
  context.env.incoming.socket.destroy();
  return noAnswer(status);
}

async function fail(context: RouteContext, fault: Fault, { proceed }: Surroundings): Promise<Response> {
  await discarded(proceed);
  return scriptedAnswer(context, fault, { status: 500, message: 'a scripted fault, after the effect' });
}

/** As the vendor's MCP front end was seen to do it: "slow down", with a run that is live. */
async function throttle(_context: RouteContext, fault: Fault, { proceed, resetIn }: Surroundings): Promise<Response> {
  const answer: unknown = await (await proceed()).json().catch(() => undefined);
  const error = { code: fault.code ?? 'TOO_MANY_REQUESTS', message: fault.message ?? 'a scripted fault: slow down' };
  const body = { success: false, error: { ...error, ...runIdIn(answer) } };
  return Response.json(body, { status: 429, headers: { 'X-RateLimit-Reset': resetIn(1000) } });
}

async function hang(context: RouteContext, _fault: Fault, { proceed }: Surroundings): Promise<Response> {
  const { status } = await discarded(proceed);
  const { socket } = context.env.incoming;
  if (!socket.destroyed) await once(socket, 'close');
  return noAnswer(status);
}

async function delay(_context: RouteContext, fault: Fault, { proceed }: Surroundings): Promise<Response> {
  await sleep(fault.delaySeconds * 1000);
  return proceed();
}

async function truncate(context: RouteContext, _fault: Fault, { proceed }: Surroundings): Promise<Response> {
  context.set('cutShort', true);
  return proceed();
}

async function trickle(_context: RouteContext, fault: Fault, { proceed }: Surroundings): Promise<Response> {
  const { body, status, headers } = await proceed();
  if (!body) return new Response(null, { status, headers });
  return new Response(slowBody(body, fault.bytesPerSecond ?? 1024), { status, headers });
}

async function bomb(_context: RouteContext, fault: Fault, { proceed }: Surroundings): Promise<Response> {
  return inflated(await proceed(), fault.megabytes ?? 300);
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
