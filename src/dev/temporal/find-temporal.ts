import { buildTemporal } from './build-temporal.js';
import { downloadTemporal } from './download-temporal.js';
import { NoTemporalServer } from './no-temporal-server.js';
import type { TemporalBinary } from './temporal-binary.js';
import { findOnPath, isExecutable, oneLine, TEMPORAL_CLI_VERSION, temporalVersion } from './temporal-binary.js';
import { addToCache, cachedTemporal } from './temporal-cache.js';

export interface FindTemporalOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Made if it is not there; see `cacheDirectory`. */
  readonly cacheDirectory: string;
  /** Path of `tools/temporal-cli`. */
  readonly toolModule: string;
  /** Told in a line what takes long, every few seconds. */
  readonly say: (line: string) => void;
  /** Default 5000. */
  readonly sayEveryMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Finds a Temporal CLI, or makes one and keeps it in the cache: `temporal` on PATH, the cache, the official download, a
 * build with Go. Each way that does not work leaves its reason to the error of the last.
 *
 * @throws NoTemporalServer when nothing works; the signal's reason when it fires.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { signal } = options;
  const tried: string[] = [];
  for (const [name, way] of WAYS) {
    signal?.throwIfAborted();
    try {
      return await way(options);
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${name}: ${oneLine(error)}`);
    }
  }
  throw new NoTemporalServer(tried);
}

type Way = (options: FindTemporalOptions) => Promise<TemporalBinary>;

const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ['temporal on PATH', onPath],
  ['cache', inCache],
  ['download', byDownload],
  ['build', byBuild],
];

async function onPath({ env, signal }: FindTemporalOptions): Promise<TemporalBinary> {
  const path = await findOnPath(env, 'temporal');
  if (path === undefined) throw new Error('there is none');
  return { path, source: 'PATH', version: await temporalVersion(path, signal) };
}

async function inCache({ cacheDirectory, signal }: FindTemporalOptions): Promise<TemporalBinary> {
  const path = cachedTemporal(cacheDirectory);
  if (!(await isExecutable(path))) throw new Error(`there is no ${path}`);
  return { path, source: 'cache', version: await temporalVersion(path, signal) };
}

async function byDownload(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { env, cacheDirectory, signal } = options;
  const progress = tellProgress(options, `downloading Temporal CLI ${TEMPORAL_CLI_VERSION} (once)`);
  try {
    const download = async (workDirectory: string): Promise<string> =>
      await downloadTemporal({ env, workDirectory, ...(signal && { signal }) });
    const version = await addToCache(cacheDirectory, download, signal);
    return { path: cachedTemporal(cacheDirectory), source: 'download', version };
  } finally {
    progress.end();
  }
}

async function byBuild(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { env, cacheDirectory, toolModule, signal } = options;
  const what = `building Temporal CLI ${TEMPORAL_CLI_VERSION} with go (once, about 5 minutes)`;
  const progress = tellProgress(options, what);
  try {
    const build = async (workDirectory: string): Promise<string> =>
      await buildTemporal({
        env,
        toolModule,
        workDirectory,
        onProgress: (text) => progress.set(text),
        ...(signal && { signal }),
      });
    const version = await addToCache(cacheDirectory, build, signal);
    return { path: cachedTemporal(cacheDirectory), source: 'build', version };
  } finally {
    progress.end();
  }
}

interface ProgressTeller {
  set(progress: string): void;
  end(): void;
}

/** Says every few seconds what goes on, since when, and how far it is. */
function tellProgress({ say, sayEveryMs = 5000 }: FindTemporalOptions, what: string): ProgressTeller {
  const startedAt = Date.now();
  let progress = '';
  const timer = setInterval(() => {
    say(`${what} ... ${Math.round((Date.now() - startedAt) / 1000)} s${progress && `, ${progress}`}`);
  }, sayEveryMs);
  return {
    set(text) {
      progress = text;
    },
    end() {
      clearInterval(timer);
    },
  };
}
