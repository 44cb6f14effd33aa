import { createHmac } from 'node:crypto';
import { request as plainRequest, type Agent as PlainAgent, type IncomingMessage } from 'node:http';
import { request as secureRequest, type Agent as SecureAgent } from 'node:https';
import { orAborted } from '../domain/or-aborted.js';
import { WebhookError } from './webhook-error.js';

export interface WebhookMessage {
  readonly url: string;
  /** The same for every attempt to send the message. */
  readonly id: string;
  readonly body: object;
  /** Signs the message: `whsec_` and base64, or any text. */
  readonly secret?: string;
  readonly signal: AbortSignal;
  /** Opens the connection's agents. Default: it goes straight to the webhook. */
  readonly openAgents?: OpenAgents | undefined;
}

/** Opens agents, which may lead through a proxy. */
export type OpenAgents = () => { readonly httpAgent: PlainAgent; readonly httpsAgent: SecureAgent };

const ANSWERS_WITHIN_MS = 20_000;

/** Posts a message once, as https://www.standardwebhooks.com says. @throws WebhookError unless the answer is a 2xx */
export async function sendWebhook(message: WebhookMessage): Promise<void> {
  const { url, id, body, secret } = message;
  const host = hostOf(url);
  const text = JSON.stringify(body);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = secret === undefined ? undefined : signatureOf(`${id}.${timestamp}.${text}`, secret);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signature === undefined ? {} : { 'webhook-signature': signature }),
  };
  const status = await post(message, host, headers, text);
  if (status >= 200 && status < 300) return;
  if (status === PROXY_WANTS_A_USER) {
    // The status of a proxy, by its very meaning: the webhook has not been asked.
    throw new WebhookError(
      `the webhook at ${host} was not reached: a proxy in between wants a user and a password (407)`,
    );
  }
  const cure = status >= 300 && status < 400 ? '; redirects are not followed: name its final address' : '';
  throw new WebhookError(`the webhook at ${host} answered ${status}${cure}`, status);
}

function hostOf(url: string): string {
  const { host, protocol } = URL.canParse(url) ? new URL(url) : { host: '', protocol: '' };
  if (protocol === 'https:' || protocol === 'http:') return host;
  throw new WebhookError('the webhook is no address that begins with https:// or http://', 400);
}

/** Follows no redirect: what is told must not reach another host. @returns the answer's status @throws WebhookError */
async function post(
  { url, signal: given, openAgents }: WebhookMessage,
  host: string,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<number> {
  const agents = openAgents?.();
  const signal = AbortSignal.any([given, AbortSignal.timeout(ANSWERS_WITHIN_MS)]);
  const length = { 'content-length': String(Buffer.byteLength(text)) };
  const options = { method: 'POST', headers: { ...headers, ...length }, signal };
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const request =
        new URL(url).protocol === 'https:'
          ? secureRequest(url, { ...options, agent: agents?.httpsAgent ?? false }, resolve)
          : plainRequest(url, { ...options, agent: agents?.httpAgent ?? false }, resolve);
      request.on('error', reject).end(text);
    });
    // Node lets a request without a connection wait for one, even when it is aborted.
    const answer = await orAborted(answered, signal);
    answer.on('error', () => undefined).destroy();
    return answer.statusCode ?? 0;
  } catch (error) {
    throw new WebhookError(`the webhook at ${host} did not answer${reasonIn(error)}`);
  } finally {
    agents?.httpAgent.destroy();
    agents?.httpsAgent.destroy();
  }
}

/** Its code: a message may hold the address. That of a proxy is ours, and holds the proxy's. */
function reasonIn(error: unknown): string {
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  if (!(cause instanceof Error) || !('code' in cause)) return '';
  return `: ${cause.code === 'ERR_PROXY' ? cause.message : String(cause.code)}`;
}

const PROXY_WANTS_A_USER = 407;

function signatureOf(content: string, secret: string): string {
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

const PREFIX = 'whsec_';
