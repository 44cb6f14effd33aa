import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { cutForeign, type ForeignText } from '../domain/foreign-text.js';
import type { Budget, Told } from './budget/budget.js';
import { laneOf } from './budget/lane-of.js';
import type { Lane } from './budget/lanes.js';
import type { Observer } from './observer.js';
import { createAnswers } from './answers.js';
import type { Call } from './call.js';
import type { ExportHost } from './export-hosts.js';
import { followExport, isRedirect } from './follow-export.js';
import { createServiceClock, type ServiceClock } from './service-clock.js';
import { sendRequest, type Agents, type FileAnswer } from './send-request.js';

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
  /** Every text of the service goes through it before anybody sees it. Default: it is only cut. */
  readonly foreignText?: ForeignText;
  /** Opens the connections' agents. Default: they go straight to the service. */
  readonly openAgents?: (() => Agents) | undefined;
  /** How messages call the proxy that the service is reached through; undefined: there is none. */
  readonly proxy?: string | undefined;
  /** Hosts that an export may be redirected to. Default: none. */
  readonly exportHosts?: ExportHosts | undefined;
}

export interface ExportHosts {
  readonly allowed: readonly ExportHost[];
  /** As they are set. */
  readonly setting: string;
}

interface Asked {
  readonly from: URL;
  /** Aborts when it takes too long. */
  readonly signal: AbortSignal;
}

/** The one door to the service. */
export interface Transport {
  readonly clock: ServiceClock;
  /** Waits until one call of that kind may be sent, which must then be sent at once. */
  turn(lane: Lane, signal?: AbortSignal): Promise<Told>;
  /** Sends a call and returns the `data` of its envelope. @throws TaskServiceError */
  json(call: Call): Promise<unknown>;
  /** Sends a call whose good answer is a file, perhaps compressed with gzip. @throws TaskServiceError */
  file(call: Call): Promise<FileAnswer>;
}

export function createTransport(options: TransportOptions): Transport {
  const origin = new URL(options.url);
  const clock = createServiceClock();
  const { foreignText = cutForeign, exportHosts = { allowed: [], setting: '' } } = options;
  const answers = createAnswers(foreignText, options.proxy);
  const agents = options.openAgents?.() ?? directAgents();
  const credential: Record<string, string> =
    options.auth === 'x-api-key' ? { 'x-api-key': options.token } : { authorization: `Bearer ${options.token}` };

  async function turn(lane: Lane, signal?: AbortSignal): Promise<Told> {
    const since = performance.now();
    const told = await options.budget?.acquire(lane, signal);
    options.observer?.onTurn?.(lane, performance.now() - since);
    return told ?? (() => undefined);
  }

  function ask({ method, body }: Call, url: URL, signal: AbortSignal): Promise<FileAnswer> {
    // Its redirects are not followed with them: the credential must not reach another host.
    const headers = { ...credential, 'accept-encoding': 'gzip' };
    if (body === undefined) return sendRequest(url, { method, headers, signal }, agents);
    const typed = { ...headers, 'content-type': 'application/json' };
    return sendRequest(url, { method, headers: typed, body: JSON.stringify(body), signal }, agents);
  }

  /**
   * Sends a call; the timeout begins when there is budget, and ends with `read`: of a file only the head is waited for.
   *
   * @param isGood tells the answers that `read` is called with. Default: those of 2xx
   */
  async function send<Result>(
    call: Call,
    read: (answer: FileAnswer, asked: Asked) => Promise<Result>,
    isGood = (answer: FileAnswer): boolean => answer.ok,
  ): Promise<Result> {
    const lane = call.lane ?? laneOf(call.method, call.path);
    const told = call.told ?? (await turn(lane, call.signal));
    let status: number | undefined;
    const timeout = new AbortController();
    const giveUp = (): void => timeout.abort(new DOMException('no answer in time', 'TimeoutError'));
    const timer = setTimeout(giveUp, call.timeoutMs ?? options.timeoutMs ?? 20_000);
    try {
      const signal = call.signal ? AbortSignal.any([timeout.signal, call.signal]) : timeout.signal;
      const from = new URL(`/api/v1${call.path}`, origin);
      const response = await ask(call, from, signal);
      clock.observe(response.headers.get('date'));
      status = response.status;
      if (isGood(response)) {
        told(response);
        return await read(response, { from, signal });
      }
      const body = await answers.bodyOfRefusal(response);
      const { headers } = response;
      told({ status, headers, isPreviewQuota: body.includes('preview_limit_exceeded') });
      throw answers.refusal(call, response, body);
    } catch (error) {
      throw answers.failure(call, error);
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
    file: (call) =>
      send(
        call,
        (answer, asked) => followExport(answer, { call, ...asked, ...exportHosts, agents, foreignText }),
        (answer) => answer.ok || isRedirect(answer),
      ),
    json: (call) => send(call, (answer) => answers.dataOf(call, answer)),
  };
}

/** An idle connection is given up before most servers close it: a request must not meet one that is just being closed. */
const IDLE_MS = 4_000;

function directAgents(): Agents {
  const options = { keepAlive: true, timeout: IDLE_MS };
  return { httpAgent: new PlainAgent(options), httpsAgent: new SecureAgent(options) };
}
