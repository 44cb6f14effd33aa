import { loadForeignText, loadTitanConfig, type TitanConfig } from '../../config.js';
import { createBudget } from '../../task-service/budget/budget.js';
import { TaskServiceError } from '../../task-service/task-service-error.js';
import { createTaskService, type TaskService } from '../../task-service/task-service.js';
import { bad, ok, reasonOf, type Check } from './check.js';

const TIMEOUT_MS = 10_000;
/** An id that no object has: who may not read at all is told that first. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
const ALL_SCOPES = 'tasks:read tasks:write executions:read executions:write data:read';

/** Four reads, which cost nothing but requests. What may be written shows only by writing. */
export async function checkService(): Promise<readonly Check[]> {
  const config = loadTitanConfig();
  const budget = createBudget({ limit: config.requestsPerMinute });
  const foreignText = loadForeignText();
  const service = createTaskService({ ...config, budget, foreignText, timeoutMs: TIMEOUT_MS });
  const first = await attemptTo(() => service.tasks.list({ limit: 1 }));
  const broken = brokenService(config, first);
  if (broken) return [broken];
  const others = await Promise.all([
    attemptTo(() => service.executions.list({ limit: 1 })),
    attemptTo(() => service.results.metadata(NOBODY)),
  ]);
  const exported = await attemptTo(async () => {
    const { chunks } = await service.results.export(NOBODY, 'json');
    for await (const _ of chunks) return;
  });
  const scopes = [first, ...others].map((error, index) =>
    checkScope(['tasks:read', 'executions:read', 'data:read'][index] ?? '', error),
  );
  return [
    ok('service', `answers at ${config.url}${throughProxy(config)}, and accepts the token`),
    ...scopes,
    checkExport(exported),
    checkClock(service),
    checkLimit(config, budget.state()),
  ];
}

/** What went wrong, if anything did. */
async function attemptTo(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The proxy in between, if there is one. */
function throughProxy({ proxy }: TitanConfig): string {
  return proxy === undefined ? '' : ` through the proxy ${proxy}`;
}

function brokenService(config: TitanConfig, error: unknown): Check | undefined {
  if (error === undefined) return undefined;
  const { url, auth, proxy } = config;
  const status = error instanceof TaskServiceError ? error.status : undefined;
  if (status === 401) {
    const other = auth === 'bearer' ? 'x-api-key' : 'bearer';
    return bad(
      'fail',
      'token',
      `${url} does not accept the token (401)`,
      `set TITAN_TOKEN to a valid JWT or API key; some deployments want TITAN_AUTH=${other}`,
    );
  }
  if (status === 403 || status === 429) return undefined;
  if (status === undefined) {
    return bad(
      'unreachable',
      'service',
      `no answer from ${url}${throughProxy(config)}: ${reasonOf(error)}`,
      proxy === undefined
        ? 'check TITAN_API_URL and the network; offline there is `titanflow emulator`'
        : 'check TITAN_API_URL, the proxy and NO_PROXY; docs/proxies.md says how they are read',
    );
  }
  return bad(
    'fail',
    'service',
    reasonOf(error),
    'check that TITAN_API_URL is the origin of the Task Service, without /api/v1',
  );
}

function checkScope(scope: string, error: unknown): Check {
  const name = `scope ${scope}`;
  const status = error instanceof TaskServiceError ? error.status : undefined;
  if (status === 403)
    return bad('fail', name, 'the token lacks it (403)', `make a new API key with the scopes ${ALL_SCOPES}`);
  if (status === 429) return bad('warn', name, 'not known: the budget of requests is used up', 'try again in a minute');
  if (error === undefined || status === 404) return ok(name, 'granted');
  return bad('warn', name, `not known: ${reasonOf(error)}`, 'try again');
}

/**
 * Results come by another client than the rest, and through other parts of a proxy. Of an execution that nobody has there are
 * none: the service says so, in its envelope.
 */
function checkExport(error: unknown): Check {
  const name = 'export';
  const { status, code } = error instanceof TaskServiceError ? error : {};
  if (status !== undefined && code !== undefined) return ok(name, `the route of results answers (${status} ${code})`);
  if (status === 429) return bad('warn', name, 'not known: the budget of requests is used up', 'try again in a minute');
  const cure = 'runs would be paid for and not exported: look at TITAN_TOKEN, TITAN_API_URL and the proxies in between';
  if (error === undefined) return bad('fail', name, 'an execution that does not exist has results', cure);
  return bad(status === undefined ? 'unreachable' : 'fail', name, reasonOf(error), cure);
}

const LARGEST_OFFSET_MS = 30_000;

function checkClock({ clock }: TaskService): Check {
  const offset = clock.now() - Date.now();
  const seconds = Math.round(Math.abs(offset) / 1000);
  if (Math.abs(offset) <= LARGEST_OFFSET_MS) return ok('clock', `within ${Math.max(seconds, 1)} s of the service's`);
  return bad(
    'warn',
    'clock',
    `${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} the service's`,
    'set this machine by NTP; titanflow allows for it, other programs may not',
  );
}

function checkLimit(
  { requestsPerMinute }: TitanConfig,
  { limit, remaining }: ReturnType<ReturnType<typeof createBudget>['state']>,
): Check {
  if (remaining !== undefined)
    return ok('budget', `${limit} requests a minute, ${Math.max(Math.floor(remaining), 0)} of them left`);
  const own = requestsPerMinute === 0 ? 'no limit' : `${requestsPerMinute} requests a minute`;
  return ok('budget', `the service does not say; TITAN_RPM says ${own}`);
}
