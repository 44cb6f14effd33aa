import { fileURLToPath } from 'node:url';
import { environment, loadLogLevel, loadWorkerConfig, namesTemporalServer, type WorkerConfig } from '../config.js';
import { startEmulator } from '../emulator/emulator.js';
import { openCoreMetrics } from '../worker/core-metrics.js';
import { installLogging } from '../worker/logging.js';
import { startWorker, type RunningWorker } from '../worker/start-worker.js';
import { UserError } from '../user-error.js';
import { homedir } from 'node:os';
import { openLiveState } from './live-state.js';
import { findTemporal } from './temporal/find-temporal.js';
import { NoTemporalServer } from './temporal/no-temporal-server.js';
import { startTemporalServer, type TemporalServer } from './temporal/start-temporal.js';
import { cacheDirectory } from './temporal/temporal-cache.js';
import { secretsOf } from '../known-secrets.js';
import { definedIn } from '../settings.js';

export interface PlaygroundOptions {
  /** Use the real Task Service. Without it nothing is ever paid for. */
  readonly live: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Everything on this machine: a Temporal server, a Task Service and a worker. */
export interface Playground {
  readonly config: WorkerConfig;
  readonly worker: RunningWorker;
  /** The Web UI, where we started the server. */
  readonly uiUrl: string | undefined;
  /** Where the state of our own Temporal server is kept; undefined: it is not, or the server is somebody else's. */
  readonly keptIn: string | undefined;
  /** Whether the Temporal server ends with us. */
  readonly ownsTemporal: boolean;
  stop(): Promise<void>;
}

type Release = () => Promise<void>;

/** Finds or starts what is needed, in order; what was started is stopped again, in the opposite order. */
export async function openPlayground(options: PlaygroundOptions): Promise<Playground> {
  const releases: Release[] = [];
  const stop = async (): Promise<void> => {
    for (let release = releases.pop(); release; release = releases.pop()) await release();
  };
  try {
    const temporal = await temporalServer(options, releases);
    const titan = await taskService(options, releases);
    const ours = [temporal.settings.TEMPORAL_ADDRESS, titan.host].filter((host) => host !== undefined);
    const config = loadWorkerConfig({ ...environment(), ...temporal.settings, ...titan.settings, ...exempting(ours) });
    // Progress has the screen; what a worker says of every retry is in the Web UI. Not before there is a worker: alone,
    // Temporal's runtime keeps the process alive.
    const core = config.listen && (await openCoreMetrics());
    installLogging(loadLogLevel({ TITANFLOW_LOG: 'error', ...definedIn(environment()) }), {
      core,
      secrets: secretsOf(config),
    });
    const worker = await startWorker(config, { core });
    releases.push(() => worker.shutdown());
    const { uiUrl, keptIn } = temporal;
    return { config, worker, uiUrl, keptIn, ownsTemporal: 'TEMPORAL_ADDRESS' in temporal.settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface TemporalSettings {
  readonly settings: { readonly TEMPORAL_ADDRESS?: string; readonly TEMPORAL_NAMESPACE?: string };
  readonly uiUrl?: string | undefined;
  readonly keptIn?: string | undefined;
}

async function temporalServer(options: PlaygroundOptions, releases: Release[]): Promise<TemporalSettings> {
  const { say, signal } = options;
  const env = definedIn(environment());
  if (namesTemporalServer(env)) {
    say(`Temporal      ${env['TEMPORAL_ADDRESS'] ?? `profile ${env['TEMPORAL_PROFILE']}`}`);
    return { settings: {} };
  }
  const { server, keptIn } = await startServer(options, releases);
  releases.push(() => server.stop());
  signal.throwIfAborted();
  const settings = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' };
  return { settings, uiUrl: server.uiUrl, keptIn };
}

interface StartedServer {
  readonly server: TemporalServer;
  readonly keptIn: string | undefined;
}

async function startServer({ live, say, signal }: PlaygroundOptions, releases: Release[]): Promise<StartedServer> {
  const env = environment();
  try {
    const binary = await findTemporal({
      env,
      cacheDirectory: cacheDirectory(env, process.platform, homedir()),
      toolModule: fileURLToPath(new URL('../../tools/temporal-cli', import.meta.url)),
      say,
      signal,
    });
    const state = live ? await openLiveState(binary.version) : undefined;
    if (state) releases.push(() => state.release());
    const server = await startTemporalServer({ binary, ui: true, say, ...(state ? { dbFile: state.dbFile } : {}) });
    say(`Temporal      ${server.address}, dev server from ${binary.source}`);
    if (server.uiUrl !== undefined) say(`Web UI        ${server.uiUrl}`);
    return { server, keptIn: state?.dbFile };
  } catch (error) {
    if (error instanceof NoTemporalServer) throw new UserError(3, error.message);
    throw error;
  }
}

interface TitanSettings {
  readonly settings: Readonly<Record<string, string>>;
  /** Of the emulator: `host:port`. */
  readonly host?: string;
}

async function taskService({ live, say }: PlaygroundOptions, releases: Release[]): Promise<TitanSettings> {
  if (live) {
    const { titan } = loadWorkerConfig();
    say(`Task Service  ${titan.url} (live: runs are billed)`);
    return { settings: {} };
  }
  const emulator = await startEmulator();
  releases.push(() => emulator.close());
  say(`Task Service  ${emulator.url}, emulator: nothing is billed`);
  const settings = { TITAN_API_URL: emulator.url, TITAN_TOKEN: 'emulator', TITAN_AUTH: 'bearer' };
  return { settings, host: new URL(emulator.url).host };
}

/** Servers of ours are on this machine: a proxy would only be in the way, and one elsewhere could not reach them. */
function exempting(hosts: readonly string[]): { readonly no_proxy: string } {
  const { no_proxy: lower, NO_PROXY: exempt = '' } = definedIn(environment());
  return { no_proxy: [lower ?? exempt, ...hosts].join(',') };
}
