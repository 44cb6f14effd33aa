import type { ForeignText } from '../domain/foreign-text.js';
import { factsOf, type Call } from './call.js';
import { exportHostOf, isExportHost, type ExportHost } from './export-hosts.js';
import { sendRequest, type Agents, type FileAnswer } from './send-request.js';
import { TaskServiceError } from './task-service-error.js';
import { readTransportFault } from './transport-errors.js';

interface Following {
  readonly call: Call;
  /** Address that was asked. */
  readonly from: URL;
  readonly signal: AbortSignal;
  readonly agents: Agents;
  readonly allowed: readonly ExportHost[];
  /** `TITAN_EXPORT_HOSTS` as it is. */
  readonly setting: string;
  readonly foreignText: ForeignText;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 4;

export function isRedirect({ status }: Pick<FileAnswer, 'status'>): boolean {
  return REDIRECTS.has(status);
}

/**
 * Follows an export to where the service keeps its file, such as a presigned address of a bucket. Each redirect is judged by
 * itself, and the token stays with the service. Of the addresses only hosts are told: who knows such an address has the file.
 *
 * @throws TaskServiceError where a redirect is not followed, or there is no file; the signal's reason
 */
export async function followExport(first: FileAnswer, following: Following): Promise<FileAnswer> {
  const { signal, agents } = following;
  let answer = first;
  let at = following.from;
  for (let redirects = 1; isRedirect(answer); redirects += 1) {
    answer.body.destroy();
    if (redirects > MOST_REDIRECTS)
      throw refused(following, at, `redirected more than ${MOST_REDIRECTS} times`, answer.status);
    const next = judge(answer, at, following);
    const headers = { 'accept-encoding': 'gzip' };
    answer = await sendRequest(next, { method: 'GET', headers, signal }, agents).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw unreachable(following, next, error);
    });
    at = next;
  }
  if (answer === first || answer.ok) return answer;
  answer.body.destroy();
  const says = `${hostOf(at, following)}, where the service keeps the file, answered ${answer.status}; the service is asked for a new address at the next attempt`;
  const isRefusal = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429;
  throw new TaskServiceError({ ...factsOf(following.call), mayHaveTakenEffect: true, isElsewhere: isRefusal }, says);
}

/** @throws TaskServiceError unless the redirect may be followed */
function judge({ status, headers }: FileAnswer, at: URL, following: Following): URL {
  const location = headers.get('location') ?? '';
  const next = location !== '' && URL.canParse(location, at.href) ? new URL(location, at) : undefined;
  if (!next || !/^https?:$/.test(next.protocol))
    throw refused(following, at, 'redirected to no address of http', status);
  const host = hostOf(next, following);
  if (next.username !== '' || next.password !== '') {
    throw refused(
      following,
      next,
      `redirected to ${host} with a user or a password in the address, which is not followed`,
      status,
    );
  }
  if (at.protocol === 'https:' && next.protocol === 'http:') {
    throw refused(following, next, `redirected from https to http, at ${host}, which is not followed`, status);
  }
  if (isExportHost(following.allowed, next)) return next;
  const setting = [following.setting, host].filter((part) => part !== '').join(',');
  const cure = `to let exports be fetched from there, without the token, set TITAN_EXPORT_HOSTS=${setting} and restart the workers`;
  throw refused(following, next, `redirected to ${host}, which TITAN_EXPORT_HOSTS does not allow; ${cure}`, status);
}

function refused({ call, from }: Following, next: URL, reason: string, status: number): TaskServiceError {
  // A page of a gateway, such as one for logging in, lies at the service's own host.
  const isElsewhere = next.host !== from.host;
  return new TaskServiceError(
    { ...factsOf(call), status, isEnvelope: false, mayHaveTakenEffect: true, isElsewhere },
    reason,
  );
}

function unreachable(following: Following, next: URL, error: unknown): TaskServiceError {
  const reason = following.foreignText(readTransportFault(error).reason);
  const says = `${hostOf(next, following)}, where the service keeps the file: ${reason}`;
  return new TaskServiceError({ ...factsOf(following.call), mayHaveTakenEffect: true }, says);
}

function hostOf(url: URL, { foreignText }: Following): string {
  return foreignText(exportHostOf(url));
}
