import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The Temporal CLI that is downloaded or built: what `tools/temporal-cli/go.mod` asks for. */
export const TEMPORAL_CLI_VERSION = '1.8.2';

/** The oldest server in a CLI of the user's own that has all we use (worker deployments came with 1.29). */
const OLDEST_SERVER = { major: 1, minor: 29 };

/** A Temporal CLI that runs. */
export interface TemporalBinary {
  readonly path: string;
  readonly source: 'PATH' | 'cache' | 'download' | 'build';
  /** What `temporal --version` prints, e.g. `temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)`. */
  readonly version: string;
}

/**
 * Runs `--version`.
 *
 * @returns what it printed.
 * @throws Error saying in one line why this program is of no use.
 */
export async function temporalVersion(path: string, signal?: AbortSignal): Promise<string> {
  const version = await printedVersion(path, signal);
  const [, major, minor] = /\bServer (\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) throw new Error(`${path} is not the Temporal CLI: "${version}"`);
  const { major: oldestMajor, minor: oldestMinor } = OLDEST_SERVER;
  if (Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor)) {
    throw new Error(`${path} is too old: "${version}", server ${oldestMajor}.${oldestMinor} or newer is needed`);
  }
  return version;
}

async function printedVersion(path: string, signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000, ...(signal && { signal }) });
    return stdout.trim();
  } catch (error) {
    throw new Error(`${path} does not run: ${oneLine(error)}`, { cause: error });
  }
}

/** The first program of that name on PATH. */
export async function findOnPath(env: NodeJS.ProcessEnv, name: string): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, executableName(name));
    if (directory !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Windows starts nothing whose name has no ending. */
export function executableName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** An error's message in one line, for lists of what was tried. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, '; ');
}
