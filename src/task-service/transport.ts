import type { Budget, Told } from './budget/budget.js';
import { laneOf } from './budget/lane-of.js';
import type { Lane } from './budget/lanes.js';
import { readEnvelope } from './envelope.js';
import type { Observer } from './observer.js';
import { silenceAskedFor } from './rate-limit-headers.js';
import { createServiceClock, type ServiceClock } from './service-clock.js';
import { TaskServiceError } from './task-service-error.js';
import { requestFile, type Answer, type FileAnswer } from './request-file.js';
import { readTransportFault } from './transport-errors.js';

export interface TransportOptions {
  /** Origin, without `/api/v1`. */
  readonly url: string;
  readonly token: string;
  /** How the token travels; some deployments expect `X-API-Key`. Default `bearer`. */
  readonly auth?: 'bearer' | 'x-api-key';
  /** Longest wait for an answer, or for the head of a file. Default 20 s. */
  readonly timeoutMs?: number;
  /** Asked before every call. Default: nothing is waited for. */
  readonly budget?: Budget;
  /** Told of every call. */
  readonly observer?: Observer;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** In place of the transport's own. */
  readonly timeoutMs?: number;
  /** What it is for; default by its method and path. */
  readonly lane?: Lane;
  /** That it may be sent is settled already. */
  readonly told?: Told;
}

/** The one door to the service. */
export interface Transport {
  readonly clock: ServiceClock;
  /** Waits until one call of that kind may be sent, which must then be sent at once. */
  turn(lane: Lane, signal: AbortSignal): Promise<Told>;
  /** Sends a call and returns the `data` of its envelope. @throws TaskServiceError */
  json(call: Call): Promise<unknown>;
  /** Sends a call whose good answer is a file, perhaps compressed with gzip. @throws TaskServiceError */
  file(call: Call): Promise<FileAnswer>;
}

export function createTransport(options: TransportOptions): Transport {
  const origin = new URL(options.url);
  const clock = createServiceClock();
  const credential: Record<string, string> =
    options.auth === 'x-api-key' ? { 'x-api-key': options.token } : { authorization: `Bearer ${options.token}` };

  async function turn(lane: Lane, signal: AbortSignal | undefined): Promise<Told> {
    const since = performance.now();
    const told = await options.budget?.acquire(lane, signal);
    options.observer?.onTurn?.(lane, performance.now() - since);
    return told ?? (() => undefined);
  }

  function askForJson({ method, body }: Call, url: URL, signal: AbortSignal): Promise<Response> {
    return fetch(url, {
      method,
      headers: { ...credential, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Followed by nobody: the credential must not reach another host.
      redirect: 'manual',
      signal,
    });
  }

  function askForFile({ method }: Call, url: URL, signal: AbortSignal): Promise<FileAnswer> {
    return requestFile(url, { method, headers: { ...credential, 'accept-encoding': 'gzip' }, signal });
  }

  /** Sends a call; the timeout begins when there is budget, and ends with `read`: of a file only the head is waited for. */
  async function send<Asked extends Answer, Result>(
    call: Call,
    ask: (call: Call, url: URL, signal: AbortSignal) => Promise<Asked>,
    read: (answer: Asked) => Promise<Result>,
  ): Promise<Result> {
    const lane = call.lane ?? laneOf(call.method, call.path);
    const told = call.told ?? (await turn(lane, call.signal));
    let status: number | undefined;
    const timeout = new AbortController();
    const giveUp = (): void => timeout.abort(new DOMException('no answer in time', 'TimeoutError'));
    const timer = setTimeout(giveUp, call.timeoutMs ?? options.timeoutMs ?? 20_000);
    try {
      const signal = call.signal ? AbortSignal.any([timeout.signal, call.signal]) : timeout.signal;
      const response = await ask(call, new URL(`/api/v1${call.path}`, origin), signal);
      clock.observe(response.headers.get('date'));
      status = response.status;
      if (response.ok) {
        told(response);
        return await read(response);
      }
      const body = await response.text().catch(() => '');
      const { headers } = response;
      told({ status, headers, isPreviewQuota: body.includes('preview_limit_exceeded') });
      throw refusal(call, response, body);
    } catch (error) {
      throw asTaskServiceError(call, error);
    } finally {
      // Where no answer came; else it has been told already.
      told();
      clearTimeout(timer);
      options.observer?.onRequest?.(lane, status);
    }
  }

  return {
    clock,
    turn,
    file: (call) => send(call, askForFile, async (answer) => answer),
    json: (call) => send(call, askForJson, async (response) => dataOf(call, response, await bodyOf(call, response))),
  };
}

/** The `data` of a good answer's envelope. @throws TaskServiceError */
function dataOf(call: Call, { status }: Answer, body: string): unknown {
  const envelope = readEnvelope(body);
  if (envelope.kind === 'success') return envelope.data;
  if (status === 204) return undefined;
  const reason =
    envelope.kind === 'failure'
      ? (envelope.message ?? 'refused without a reason')
      : 'the answer is not the JSON envelope that was expected; is this the Task Service?';
  throw new TaskServiceError(
    {
      ...factsOf(call),
      status,
      ...('code' in envelope && envelope.code !== undefined ? { code: envelope.code } : {}),
      mayHaveTakenEffect: envelope.kind === 'other',
    },
    reason,
  );
}

async function bodyOf(call: Call, response: Answer): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    // The head said 2xx: whatever was asked for has been done.
    const facts = { ...factsOf(call), status: response.status, mayHaveTakenEffect: true };
    throw new TaskServiceError(facts, `the answer broke off: ${readTransportFault(error).reason}`, { cause: error });
  }
}

function refusal(call: Call, { status, headers }: Answer, body: string): TaskServiceError {
  const envelope = readEnvelope(body);
  const code = envelope.kind === 'failure' ? envelope.code : undefined;
  const silence = status === 429 || status === 503 ? silenceAskedFor(headers, Date.now()) : undefined;
  const executionId = status === 429 ? executionIn(envelope.document) : undefined;
  return new TaskServiceError(
    {
      ...factsOf(call),
      status,
      ...(code === undefined ? {} : { code }),
      mayHaveTakenEffect: mayHaveTakenEffect(status),
      ...(silence === undefined ? {} : { retryAfterMs: silence }),
      ...(executionId === undefined ? {} : { executionId }),
    },
    (envelope.kind === 'failure' ? envelope.message : undefined) ?? describeStatus(status, headers),
  );
}

/** A refusal is certain only where the service itself said no; a gateway's 5xx and 408 say nothing about the effect. */
function mayHaveTakenEffect(status: number): boolean {
  return status >= 500 || status === 408;
}

function describeStatus(status: number, headers: Headers): string {
  if (status >= 300 && status < 400) {
    return `redirected to ${headers.get('location') ?? 'nowhere'}, which is not followed so that the token stays where it belongs; set TITAN_API_URL to the right origin`;
  }
  return 'no reason given';
}

/** A rate-limit answer may carry a live, billed execution (seen on the vendor's MCP front end, as `run_id`). */
function executionIn(document: unknown): string | undefined {
  const look = (value: unknown, keys: readonly string[]): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const found = keys.map((key) => fields.get(key)).find((field) => typeof field === 'string' && field !== '');
    if (typeof found === 'string') return found;
    return ['data', 'error', 'details', 'execution'].reduce<string | undefined>(
      (known, key) =>
        known ?? look(fields.get(key), [...keys, ...(key === 'execution' || key === 'data' ? ['id'] : [])]),
      undefined,
    );
  };
  return look(document, ['execution_id', 'executionId', 'run_id']);
}

function asTaskServiceError(call: Call, error: unknown): unknown {
  if (error instanceof TaskServiceError) return error;
  // The caller's own abort is the caller's business, but what it broke off may have been done.
  if (call.signal?.aborted === true) return call.signal.reason;
  const fault = readTransportFault(error);
  return new TaskServiceError({ ...factsOf(call), mayHaveTakenEffect: !fault.neverSent }, fault.reason, {
    cause: error,
  });
}

function factsOf(call: Call): { method: string; path: string } {
  return { method: call.method, path: `/api/v1${call.path.split('?')[0] ?? ''}` };
}
