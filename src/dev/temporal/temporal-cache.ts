import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { executableName, oneLine, TEMPORAL_CLI_VERSION, temporalVersion } from './temporal-binary.js';

const WORK_PREFIX = 'making-';
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Where programs keep what they can make again: titanflow's folder in it, for the user that runs this. */
export function cacheDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'titanflow');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'titanflow');
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'titanflow');
}

/** Where the Temporal CLI that we downloaded or built lies. */
export function cachedTemporal(directory: string): string {
  return join(directory, executableName(`temporal-${TEMPORAL_CLI_VERSION}`));
}

/**
 * Puts a Temporal CLI into the cache: `make` makes it in a folder of its own and says where, and only a program that
 * runs is moved to its place. So two processes may do this at once, and nothing half-made stays, whatever happens.
 *
 * @returns what `--version` prints.
 */
export async function addToCache(
  directory: string,
  make: (workDirectory: string) => Promise<string>,
  signal?: AbortSignal,
): Promise<string> {
  const workDirectory = await createWorkDirectory(directory);
  try {
    const made = await make(workDirectory);
    const version = await temporalVersion(made, signal);
    await rename(made, cachedTemporal(directory));
    return version;
  } finally {
    await rm(workDirectory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function createWorkDirectory(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    await removeAbandoned(directory);
    return await mkdtemp(join(directory, WORK_PREFIX));
  } catch (error) {
    throw new Error(`the cache folder ${directory} cannot be written: ${oneLine(error)}`, { cause: error });
  }
}

/** What a process that was killed in the middle has left. */
async function removeAbandoned(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((name) => name.startsWith(WORK_PREFIX))) {
    const path = join(directory, name);
    const changed = await stat(path).catch(() => undefined);
    if (changed && Date.now() - changed.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
