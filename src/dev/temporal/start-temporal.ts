import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

import { freePort } from '../../free-port.js';
import type { GuardedProcess } from './guarded-process.js';
import { startGuarded } from './guarded-process.js';
import type { TemporalBinary } from './temporal-binary.js';
import { oneLine } from './temporal-binary.js';
import { temporalAnswers } from './temporal-answers.js';

const START_LIMIT_MS = 60_000;
const PORT_TRIES = 5;

export interface TemporalServerOptions {
  readonly binary: TemporalBinary;
  /** Made at the start, beside `default`. Default `default`. */
  readonly namespace?: string;
  /** Default 0 = any that is free. */
  readonly port?: number;
  /** Web UI; default false. */
  readonly ui?: boolean;
  /** Default 0 = any that is free. */
  readonly uiPort?: number;
  /** Default: everything is in memory. A file made by another version of the CLI may not work. */
  readonly dbFile?: string;
  /** Name to type, e.g. `{ TitanRows: 'Int' }`. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  /** The server's own log is appended here; default: it is kept for error messages only. */
  readonly logFile?: string;
  /** Key to any JSON value. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
  readonly say: (line: string) => void;
}

/** A running server; its `exited` also tells of a server that ended by itself. */
export interface TemporalServer extends GuardedProcess {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly uiUrl?: string;
}

/**
 * Starts a Temporal dev server on the loopback interface and waits until it answers. It does not outlive this process,
 * and Ctrl-C in the terminal does not reach it: a worker can end in peace before it calls `stop`.
 *
 * @throws Error with the end of the server's log if it does not start.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { port = 0, ui = false, uiPort = 0, say } = options;
  for (let attempt = 1; ; attempt += 1) {
    const ports: Ports = { frontend: await demandPort(port), ...(ui && { ui: await demandPort(uiPort) }) };
    try {
      return await startOn(ports, options);
    } catch (error) {
      // Between our look and the server's start somebody else took a port.
      if (attempt === PORT_TRIES || !/address already in use/.test(oneLine(error))) throw error;
      say('the Temporal server lost a port to another program, trying again');
    }
  }
}

interface Ports {
  readonly frontend: number;
  readonly ui?: number;
}

async function startOn(ports: Ports, options: TemporalServerOptions): Promise<TemporalServer> {
  const { binary, namespace = 'default', logFile, say } = options;
  const log = logFile === undefined ? undefined : await openLog(logFile);
  const server = startGuarded({
    command: binary.path,
    args: startArguments(ports, options),
    ...(log && { onLine: (line: string) => log.write(`${line}\n`) }),
  });
  void server.exited.then(() => log?.end());
  const address = `127.0.0.1:${ports.frontend}`;
  const slow = setInterval(() => say('waiting for the Temporal server to answer'), 5000);
  try {
    await untilReady(server, address, namespace);
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    clearInterval(slow);
  }
  return { ...server, address, ...(ports.ui !== undefined && { uiUrl: `http://127.0.0.1:${ports.ui}` }) };
}

/** What `server start-dev` is called with. */
function startArguments(ports: Ports, options: TemporalServerOptions): string[] {
  const { namespace, dbFile, searchAttributes = {}, dynamicConfig = {} } = options;
  const flags: [flag: string, value: string][] = [
    ['--ip', '127.0.0.1'],
    ['--port', String(ports.frontend)],
    ['--log-level', 'warn'],
  ];
  if (ports.ui !== undefined) flags.push(['--ui-port', String(ports.ui)]);
  if (namespace !== undefined) flags.push(['--namespace', namespace]);
  if (dbFile !== undefined) flags.push(['--db-filename', dbFile]);
  for (const [name, type] of Object.entries(searchAttributes)) flags.push(['--search-attribute', `${name}=${type}`]);
  for (const [key, value] of Object.entries(dynamicConfig)) {
    flags.push(['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]);
  }
  return ['server', 'start-dev', ...(ports.ui === undefined ? ['--headless'] : []), ...flags.flat()];
}

async function untilReady(server: GuardedProcess, address: string, namespace: string): Promise<void> {
  const waiting = new AbortController();
  const timeout = AbortSignal.timeout(START_LIMIT_MS);
  const ready = temporalAnswers(address, namespace, AbortSignal.any([waiting.signal, timeout])).then(() => 'ready');
  const outcome = await Promise.race([
    ready.catch(() => `did not answer within ${START_LIMIT_MS / 1000} seconds`),
    server.exited.then((code) => `ended at once, with exit code ${code}`),
  ]);
  waiting.abort();
  if (outcome === 'ready') return;
  throw new Error(
    [`the Temporal server ${outcome}. The end of its log:`, ...server.lastLines().map((line) => `  ${line}`)].join(
      '\n',
    ),
  );
}

async function demandPort(port: number): Promise<number> {
  try {
    return await freePort(port);
  } catch (error) {
    throw new Error(`port ${port} is not free for the Temporal server: ${oneLine(error)}`, { cause: error });
  }
}

async function openLog(path: string): Promise<ReturnType<typeof createWriteStream>> {
  const log = createWriteStream(path, { flags: 'a' });
  await once(log, 'open');
  return log;
}
