import type { FailureType } from '../domain/failures.js';
import { TaskServiceError, type TaskServiceFacts } from './task-service-error.js';

/** Calls that are judged alike: `task` reads or deletes a task, `control` pauses or resumes an execution. */
export type RouteGroup = 'run' | 'create' | 'task' | 'list' | 'execution' | 'stop' | 'control' | 'results';

/**
 * - accepted: the answer names an execution, which is live and billed
 * - not sent: the request never left this machine
 * - refused: the service itself said no, before any effect
 * - unknown: it may have taken effect, so the execution is looked for before anything is sent again
 * - outage: nothing was learnt; the same is asked again
 * - missing: the service does not know, or not take, what is paid for; its servers may lag behind each other
 * - not ready: the execution has ended, its results are still being put together
 * - elsewhere: the results are at another host, which may not be asked, or refuses
 * - no such list, bad parameters: of a list, which is read in another way
 */
export type Meaning =
  | 'accepted'
  | 'not sent'
  | 'refused'
  | 'unknown'
  | 'outage'
  | 'missing'
  | 'not ready'
  | 'elsewhere'
  | 'no such list'
  | 'bad parameters';

/** How long it is worth asking again. */
type Worth = 'nothing' | '15 minutes' | 'resultsWithin' | 'giveUpAfter';

/** One row of the table: what an answer means on a route. */
export interface ServiceFact {
  readonly routes: readonly RouteGroup[];
  /**
   * `own`: in the service's own error envelope. `4xx` stands for all but 408 and 429, which say how busy a server is.
   */
  readonly answer: string;
  /** Whether an execution is paid for by now. */
  readonly paid: 'yes' | 'no' | 'any';
  readonly meaning: Meaning;
  readonly worth: Worth;
  readonly failure: FailureType;
  /** Ends the message. `{scope}` is the scope that the route needs, `{execution}` the execution. */
  readonly cure: string;
}

const ANY: readonly RouteGroup[] = ['create', 'task', 'list', 'execution', 'stop', 'control', 'results'];

const TOKEN = 'check TITAN_TOKEN and TITAN_AUTH';
const SCOPE = 'the token lacks a scope, likely {scope}';
const CREDITS = "see the account's credits in Titan's dashboard";
const ID = 'check the id: it may be of another account, or deleted';
const DASHBOARD = "see what the service says of it in Titan's dashboard";
const NO_LIST = 'the service has no such list';
const UNTOLD = "look at the task's executions in Titan's dashboard";
/** How a run goes on whose results were not there, or not whole. */
export const GO_ON = '`titanflow retry execution/{execution}` exports it again and pays nothing';

/** The first row that fits counts. docs/failures.md shows the same table. */
export const SERVICE_FACTS: readonly ServiceFact[] = [
  fact(['run'], '429 with an execution', 'any', 'accepted', 'giveUpAfter', 'ServiceUnavailable'),
  fact(['run'], 'never sent', 'any', 'not sent', 'giveUpAfter', 'ServiceUnavailable'),
  fact(['run'], 'own 429 with a time to wait', 'any', 'refused', 'giveUpAfter', 'ServiceUnavailable'),
  fact(['run'], 'own 401', 'any', 'refused', 'nothing', 'Unauthorized', TOKEN),
  fact(['run'], 'own 402', 'any', 'refused', 'nothing', 'TaskRejected', CREDITS),
  fact(['run'], 'own 403', 'any', 'refused', 'nothing', 'Forbidden', SCOPE),
  fact(['run'], 'own 404', 'any', 'refused', 'nothing', 'NotFound', ID),
  // Something was in its way, such as a pause that may be over before the task is read.
  fact(['run'], 'own 409', 'any', 'refused', '15 minutes', 'TaskRejected', DASHBOARD),
  fact(['run'], 'own 4xx', 'any', 'refused', 'nothing', 'TaskRejected', DASHBOARD),
  fact(['run'], 'anything else', 'any', 'unknown', 'giveUpAfter', 'RunOutcomeUnknown', UNTOLD),
  fact(ANY, '401', 'no', 'refused', 'nothing', 'Unauthorized', TOKEN),
  fact(ANY, '401', 'yes', 'outage', 'giveUpAfter', 'Unauthorized', TOKEN),
  fact(ANY, '403', 'no', 'refused', 'nothing', 'Forbidden', SCOPE),
  fact(ANY, '403', 'yes', 'outage', 'giveUpAfter', 'Forbidden', SCOPE),
  fact(['create'], 'own 402', 'any', 'refused', 'nothing', 'TaskRejected', CREDITS),
  fact(['create'], 'own 4xx', 'any', 'refused', 'nothing', 'TaskRejected', "mend the task's definition"),
  fact(['list'], 'own 404, 501', 'no', 'no such list', 'nothing', 'NotFound', NO_LIST),
  fact(['list'], 'own 404, 501', 'yes', 'no such list', 'nothing', 'RunOutcomeUnknown', UNTOLD),
  fact(['list'], 'own 400, 422', 'no', 'bad parameters', 'nothing', 'TaskRejected', DASHBOARD),
  fact(['list'], 'own 400, 422', 'yes', 'bad parameters', 'nothing', 'RunOutcomeUnknown', UNTOLD),
  fact(['results'], 'redirect to another host', 'any', 'elsewhere', 'resultsWithin', 'ExportIncomplete', GO_ON),
  fact(['results'], 'own 400, 404, 409, 410, 422, 425', 'any', 'not ready', 'resultsWithin', 'ExportIncomplete', GO_ON),
  fact(['task', 'execution', 'stop', 'control'], 'own 404', 'yes', 'missing', '15 minutes', 'NotFound', ID),
  fact(['task', 'execution', 'stop'], 'own 4xx', 'yes', 'missing', '15 minutes', 'TaskRejected', DASHBOARD),
  fact(['task', 'execution', 'stop', 'control'], 'own 404', 'no', 'refused', 'nothing', 'NotFound', ID),
  fact(['task', 'execution', 'stop'], 'own 4xx', 'no', 'refused', 'nothing', 'TaskRejected', DASHBOARD),
  fact(['list', 'control', 'results'], 'own 4xx', 'any', 'refused', 'nothing', 'TaskRejected', DASHBOARD),
  fact(ANY, 'anything else', 'any', 'outage', 'giveUpAfter', 'ServiceUnavailable'),
];

function fact(
  routes: readonly RouteGroup[],
  answer: string,
  paid: ServiceFact['paid'],
  meaning: Meaning,
  worth: Worth,
  failure: FailureType,
  cure = '',
): ServiceFact {
  return { routes, answer, paid, meaning, worth, failure, cure };
}

const OUTAGE = fact(ANY, 'anything else', 'any', 'outage', 'giveUpAfter', 'ServiceUnavailable');

/** Looks up what an answer means. */
export function serviceFact(facts: TaskServiceFacts, isPaid: boolean): ServiceFact {
  const route = routeGroup(facts);
  const paid = isPaid ? 'yes' : 'no';
  const fits = (row: ServiceFact): boolean =>
    row.routes.includes(route) && (row.paid === 'any' || row.paid === paid) && isAnswer(row.answer, facts);
  return SERVICE_FACTS.find(fits) ?? OUTAGE;
}

/** Whether the service refused the request itself, so that it surely has had no effect. */
export function isSureRefusal(facts: Omit<TaskServiceFacts, 'mayHaveTakenEffect'>): boolean {
  const known = { ...facts, mayHaveTakenEffect: true };
  return isAnswer('own 4xx', known) || isAnswer('own 429 with a time to wait', known);
}

/** Whether the execution that was asked for is to blame: a bad credential, or a service that is down, concerns all. */
export function concernsOneAlone(error: unknown): error is TaskServiceError {
  return error instanceof TaskServiceError && serviceFact(error, true).meaning === 'missing';
}

/** Whether nothing was learnt: the same is worth being asked again. */
export function isOutage(error: unknown, isPaid: boolean): boolean {
  return error instanceof TaskServiceError && serviceFact(error, isPaid).meaning === 'outage';
}

/** Whether the service itself says that there is no such thing; a gateway's 404 says nothing. */
export function isUnknownToService(error: unknown): boolean {
  return error instanceof TaskServiceError && isAnswer('own 404', error);
}

function routeGroup({ method, path }: Pick<TaskServiceFacts, 'method' | 'path'>): RouteGroup {
  const [collection, id, part] = path.replace(/^\/api\/v1\//, '').split('/');
  if (part === 'results') return 'results';
  if (part === 'executions' || (id === undefined && method === 'GET')) return 'list';
  if (collection === 'tasks') return part === 'run' ? 'run' : id === undefined ? 'create' : 'task';
  return method === 'GET' ? 'execution' : part === 'stop' ? 'stop' : 'control';
}

const SPECIAL = new Map<string, (facts: TaskServiceFacts) => boolean>([
  ['anything else', () => true],
  ['never sent', ({ status, mayHaveTakenEffect }) => status === undefined && !mayHaveTakenEffect],
  ['redirect to another host', ({ isElsewhere }) => isElsewhere === true],
  ['429 with an execution', ({ executionId }) => executionId !== undefined],
  // The limiter in front of the service says when its window ends; what else answers 429 may have passed the run on.
  [
    'own 429 with a time to wait',
    ({ status, isEnvelope, retryAfterMs }) => status === 429 && isEnvelope === true && retryAfterMs !== undefined,
  ],
]);

function isAnswer(answer: string, facts: TaskServiceFacts): boolean {
  const special = SPECIAL.get(answer);
  if (special) return special(facts);
  const { status, isEnvelope = false } = facts;
  const own = answer.startsWith('own ');
  if (status === undefined || (own && !isEnvelope)) return false;
  const statuses = (own ? answer.slice('own '.length) : answer).split(', ');
  const isOneOf4xx = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return statuses.some((one) => (one === '4xx' ? isOneOf4xx : one === String(status)));
}
