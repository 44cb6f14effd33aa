import type { ForeignText } from '../domain/foreign-text.js';
import { factsOf, type Call } from './call.js';
import { readEnvelope, type Envelope } from './envelope.js';
import { silenceAskedFor } from './rate-limit-headers.js';
import { BodyTooLong } from './read-body.js';
import type { Answer } from './send-request.js';
import { isSureRefusal } from './service-facts.js';
import { TaskServiceError, type TaskServiceFacts } from './task-service-error.js';
import { readTransportFault } from './transport-errors.js';

/** Reads answers to what was asked for, or to the fact that says why there is nothing. */
export interface Answers {
  /** The `data` of a good answer's envelope. @throws TaskServiceError */
  dataOf(call: Call, answer: Answer): Promise<unknown>;
  /** A body that cannot be read is empty: it says nothing, like one that a gateway made. */
  bodyOfRefusal(answer: Answer): Promise<string>;
  /** Makes an error of a refusal. @param answer with a status other than 2xx */
  refusal(call: Call, answer: Answer, body: string): TaskServiceError;
  /** Makes an error of what kept an answer from coming. The caller's own abort stays what it is. */
  failure(call: Call, error: unknown): unknown;
}

/** Longest JSON answer, unpacked: a service that knows no pages lists tens of thousands of executions. */
const LONGEST_JSON_BYTES = 16 * 2 ** 20;
/** Longest answer that refuses, unpacked. Its message is cut, and only a whole envelope can be read. */
const LONGEST_REFUSAL_BYTES = 4 * 2 ** 20;
const LONGEST_ID = 200;

/** @param proxy how to call the proxy in between, where there is one */
export function createAnswers(foreignText: ForeignText, proxy?: string): Answers {
  /** The head said 2xx: whatever was asked for may have been done, whatever the body says. */
  function unusable(call: Call, { status }: Answer, reason: string, more: object = {}): TaskServiceError {
    return new TaskServiceError({ ...factsOf(call), status, ...more, mayHaveTakenEffect: true }, reason);
  }

  async function bodyOf(call: Call, answer: Answer): Promise<string> {
    try {
      return await answer.text(LONGEST_JSON_BYTES);
    } catch (error) {
      if (error instanceof BodyTooLong) throw unusable(call, answer, error.message);
      throw unusable(call, answer, foreignText(`the answer broke off: ${readTransportFault(error).reason}`));
    }
  }

  function refusalIn(envelope: Envelope): Pick<TaskServiceFacts, 'code' | 'isEnvelope'> {
    if (envelope.kind !== 'failure') return {};
    const { isOwn, code } = envelope;
    return { isEnvelope: isOwn, ...(code === undefined ? {} : { code: foreignText(code) }) };
  }

  function reasonIn(envelope: Envelope, { status, headers }: Answer): string {
    const message = envelope.kind === 'failure' ? envelope.message : undefined;
    const isOwn = envelope.kind === 'failure' && envelope.isOwn;
    if (status >= 300 && status < 400) {
      const place = foreignText(placeOf(headers.get('location')));
      return `redirected to ${place}, which is not followed so that the token stays where it belongs; set TITAN_API_URL to the right origin`;
    }
    if (isOwn) return foreignText(message ?? 'no reason given');
    const type = foreignText(headers.get('content-type') ?? 'of no type');
    const said = message === undefined ? '' : `: ${foreignText(message)}`;
    return `not the service's own answer, but one (${type}) of something in between${proxy === undefined ? '' : `, such as the proxy ${proxy}`}${said}`;
  }

  return {
    async dataOf(call, answer) {
      const envelope = readEnvelope(await bodyOf(call, answer));
      if (envelope.kind === 'success') return envelope.data;
      if (answer.status === 204) return undefined;
      const reason =
        envelope.kind === 'failure'
          ? foreignText(envelope.message ?? 'refused without a reason')
          : 'the answer is not the JSON envelope that was expected; is this the Task Service?';
      throw unusable(call, answer, reason, refusalIn(envelope));
    },
    bodyOfRefusal: (answer) => answer.text(LONGEST_REFUSAL_BYTES).catch(() => ''),
    refusal(call, answer, body) {
      const { status, headers } = answer;
      const envelope = readEnvelope(body);
      const isOwn = envelope.kind === 'failure' && envelope.isOwn;
      // By its very meaning the status of a proxy, which has passed nothing on.
      if (status === PROXY_WANTS_A_USER && !isOwn) {
        return new TaskServiceError({ ...factsOf(call), mayHaveTakenEffect: false }, wantsUser(proxy));
      }
      const silence = status === 429 || status === 503 ? silenceAskedFor(headers, Date.now()) : undefined;
      const executionId = status === 429 ? executionIn(envelope.document) : undefined;
      const facts = {
        ...factsOf(call),
        status,
        ...refusalIn(envelope),
        ...(silence === undefined ? {} : { retryAfterMs: silence }),
        ...(executionId === undefined ? {} : { executionId }),
      };
      const mayHaveTakenEffect = !isSureRefusal(facts);
      return new TaskServiceError({ ...facts, mayHaveTakenEffect }, reasonIn(envelope, answer));
    },
    failure(call, error) {
      if (error instanceof TaskServiceError) return error;
      // A request that the caller has broken off may have been done.
      if (call.signal?.aborted === true) return call.signal.reason;
      const { neverSent, reason } = readTransportFault(error);
      const facts = { ...factsOf(call), mayHaveTakenEffect: !neverSent };
      return new TaskServiceError(facts, foreignText(reason), { cause: error });
    },
  };
}

const PROXY_WANTS_A_USER = 407;

function wantsUser(proxy: string | undefined): string {
  return `the proxy ${proxy ?? 'in between'} answered 407: it wants a user and a password, or does not take those that it is given; mend them in the proxy's variable, as in http://user:password@host:port`;
}

/** Where a redirect leads, without its query and credentials: tokens may stand there. */
function placeOf(location: string | null): string {
  const place = /^[^?#]*/.exec(location ?? '')?.[0] ?? '';
  return place === '' ? 'nowhere' : place.replace(/^([^/]*\/\/)[^/]*@/, '$1');
}

/** A rate-limit answer may carry a live, billed execution (seen on the vendor's MCP front end, as `run_id`). */
function executionIn(document: unknown): string | undefined {
  const look = (value: unknown, keys: readonly string[]): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const found = keys.map((key) => fields.get(key)).find((field) => typeof field === 'string' && field !== '');
    if (typeof found === 'string') return found.length <= LONGEST_ID ? found : undefined;
    return ['data', 'error', 'details', 'execution'].reduce<string | undefined>(
      (known, key) =>
        known ?? look(fields.get(key), [...keys, ...(key === 'execution' || key === 'data' ? ['id'] : [])]),
      undefined,
    );
  };
  return look(document, ['execution_id', 'executionId', 'run_id']);
}
