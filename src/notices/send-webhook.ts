import { createHmac } from 'node:crypto';
import { WebhookError } from './webhook-error.js';

export interface WebhookMessage {
  readonly url: string;
  /** The same for every attempt to send the message. */
  readonly id: string;
  readonly body: object;
  /** Signs the message: `whsec_` and base64, or any text. */
  readonly secret?: string;
  readonly signal: AbortSignal;
}

const ANSWERS_WITHIN_MS = 20_000;

/** Posts a message once, as https://www.standardwebhooks.com says. @throws WebhookError unless the answer is a 2xx */
export async function sendWebhook({ url, id, body, secret, signal }: WebhookMessage): Promise<void> {
  const host = hostOf(url);
  const text = JSON.stringify(body);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = secret === undefined ? undefined : signatureOf(`${id}.${timestamp}.${text}`, secret);
  const answer = await post(url, host, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(signature === undefined ? {} : { 'webhook-signature': signature }),
    },
    body: text,
    // Followed by nobody: what is told must not reach another host.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
  });
  await answer.body?.cancel();
  if (answer.ok) return;
  const cure =
    answer.status >= 300 && answer.status < 400 ? '; redirects are not followed: name its final address' : '';
  throw new WebhookError(`the webhook at ${host} answered ${answer.status}${cure}`, answer.status);
}

function hostOf(url: string): string {
  const { host, protocol } = URL.canParse(url) ? new URL(url) : { host: '', protocol: '' };
  if (protocol === 'https:' || protocol === 'http:') return host;
  throw new WebhookError('the webhook is no address that begins with https:// or http://', 400);
}

async function post(url: string, host: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
    throw new WebhookError(`the webhook at ${host} did not answer${code === undefined ? '' : `: ${code}`}`);
  }
}

function signatureOf(content: string, secret: string): string {
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

const PREFIX = 'whsec_';
