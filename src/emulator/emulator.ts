import { once } from 'node:events';
import { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createApi } from './api.js';
import { createControlRoutes } from './control-routes.js';
import { ApiError, failure } from './envelope.js';
import { ledgerView } from './execution.js';
import { createRequestLog, type Ledger, type RequestLog } from './ledger.js';
import type { RateLimitChanges } from './rate-limit-settings.js';
import type { RouteEnvironment } from './route.js';
import type { Scenario } from './scenario.js';
import { createState, type State } from './state.js';

export interface EmulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** The one credential that is accepted; default: any that is not empty. */
  readonly token?: string;
  /** Default 1. The same seed and the same task definition give the same rows. */
  readonly seed?: number;
  /** Short for `rateLimit: { limit }`. Default 120, as documented; 0 = no limit and no headers that speak of one. */
  readonly requestsPerMinute?: number;
  /** How requests are counted, one budget for all callers. Default: 120 in every minute of the clock. */
  readonly rateLimit?: RateLimitChanges;
  readonly scenario?: Scenario;
  /** How many requests the ledger can tell of, at least 1; default 10,000. */
  readonly keepRequests?: number;
  /** Unix milliseconds; default: `Date.now`. A test may hand in a clock of its own instead of waiting. */
  readonly now?: () => number;
}

/** A Task Service of one's own, on this machine. */
export interface Emulator {
  /** Origin, without `/api/v1`. */
  readonly url: string;
  readonly port: number;
  ledger(): Ledger;
  /** From now on; executions that exist keep the life they were given. Counts of faults begin anew. @throws Error */
  setScenario(scenario: Scenario): void;
  /** From now on, and counting begins anew; what is left out stays as it is. @throws Error */
  setRateLimit(changes: RateLimitChanges): void;
  /** Ends open connections at once. */
  close(): Promise<void>;
}

/**
 * Starts an emulator. Nothing is kept on disk, and ids are new at every start.
 *
 * @throws Error when the scenario is wrong or the port is taken
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const {
    host = '127.0.0.1',
    port = 0,
    token,
    seed = 1,
    requestsPerMinute = 120,
    rateLimit,
    scenario = {},
    keepRequests = 10_000,
    now = Date.now,
  } = options;
  const state = createState({ seed, scenario, rateLimit: { limit: requestsPerMinute, ...rateLimit }, now });
  const log = createRequestLog(keepRequests);
  const startedAt = new Date(now()).toISOString();
  const ledger = (): Ledger => readLedger(startedAt, state, log);

  const app = new Hono<RouteEnvironment>();
  app.route('/', createControlRoutes(state, ledger));
  app.route('/api/v1', createApi({ state, log, token }));
  app.notFound(({ req }) => failure(new ApiError(404, `there is nothing at ${req.path}: the API is under /api/v1`)));

  const server = await listen(app, host, port);
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  return {
    url: originOf(host, boundPort),
    port: boundPort,
    ledger,
    setScenario: state.setScenario,
    setRateLimit: (changes) => state.rateLimit.change(changes),
    close: () => close(server),
  };
}

function readLedger(startedAt: string, state: State, log: RequestLog): Ledger {
  const now = state.now();
  const called = [...state.executions.values()].filter(({ isStranger }) => !isStranger);
  const executions = called.map((execution) => ledgerView(execution, now));
  return { startedAt, ...log.read(), billed: executions.length, executions };
}

async function listen(app: Hono<RouteEnvironment>, host: string, port: number): Promise<Server> {
  // The adapter would otherwise replace the global Request and Response of the whole process, which is not ours alone.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  if (!(server instanceof Server)) throw new Error('the adapter made something else than an HTTP server');
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** An address that means "all" is no place to connect to. */
function originOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
