import { ApiError, failure } from './envelope.js';
import type { Fault } from './fault-schema.js';
import type { RouteContext } from './route.js';

/** Statuses whose answers have no body in HTTP. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

const CREDENTIAL_HEADERS = ['authorization', 'x-api-key'];

interface Defaults {
  readonly status: number;
  readonly message: string;
}

/** Answers as a fault says: the API's envelope, or what a gateway in front of it would send. */
export async function scriptedAnswer(context: RouteContext, fault: Fault, defaults: Defaults): Promise<Response> {
  const { status = defaults.status, body = 'envelope', location } = fault;
  const headers = location === undefined ? {} : { Location: location };
  if (body === 'empty' || BODILESS.has(status)) return new Response(null, { status, headers });
  const message = await messageOf(context, fault, defaults.message);
  if (body === 'envelope') return failure(new ApiError(status, message, fault.code), headers);
  const isHtml = body === 'html';
  return new Response(isHtml ? page(status, message) : `${message}\n`, {
    status,
    headers: { ...headers, 'Content-Type': isHtml ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8' },
  });
}

async function messageOf(context: RouteContext, fault: Fault, ownMessage: string): Promise<string> {
  const { message: text = ownMessage, echo, messageBytes } = fault;
  const message = echo ? `${text}: ${await requestText(context)}` : text;
  if (messageBytes === undefined) return message;
  const filling = ' and so on';
  const filled = message + filling.repeat(Math.ceil(Math.max(0, messageBytes - message.length) / filling.length));
  return Buffer.from(filled).subarray(0, messageBytes).toString();
}

/** Repeats a request's credential and body, as a careless service does. */
async function requestText({ req }: RouteContext): Promise<string> {
  const credentials = CREDENTIAL_HEADERS.flatMap((name) => {
    const value = req.header(name);
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  return [...credentials, await req.text()].join('; ');
}

function page(status: number, message: string): string {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1><p>${text}</p></body></html>\n`;
}
