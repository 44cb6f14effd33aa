import { createRequire } from 'node:module';
import { join } from 'node:path';

import { runGuarded } from './guarded-process.js';
import { executableName, isExecutable, oneLine, TEMPORAL_CLI_VERSION } from './temporal-binary.js';

const require = createRequire(import.meta.url);

const GIVE_UP_AFTER_MS = 10 * 60 * 1000;
const VERSION = `v${TEMPORAL_CLI_VERSION}`;

/**
 * The SDK's test environment downloads the CLI on the way to starting a server, and has no way to ask for the first
 * alone. It runs in a process of its own because it also installs the SDK's one Runtime a process, which is the
 * worker's to configure. A time to live keeps it from deleting what it finds; that we look at the file ourselves covers
 * its start-up limit of 5 seconds, which a busy machine misses.
 */
const DOWNLOAD = `
const [testing, downloadDir, version] = process.argv.slice(1);
const { TestWorkflowEnvironment } = require(testing);
const executable = { type: 'cached-download', downloadDir, version, ttl: '1000 days' };
TestWorkflowEnvironment.createLocal({ server: { executable } })
  .then((environment) => environment.teardown())
  .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
`;

export interface DownloadOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly workDirectory: string;
  readonly signal?: AbortSignal;
}

/**
 * The official download, as the SDK makes it; fails at once where there is no internet.
 *
 * @returns the path of the program in `workDirectory`.
 * @throws Error saying in one line what went wrong.
 */
export async function downloadTemporal({ env, workDirectory, signal }: DownloadOptions): Promise<string> {
  const testing = require.resolve('@temporalio/testing');
  const timeout = AbortSignal.timeout(GIVE_UP_AFTER_MS);
  const { lastLines } = await runGuarded(
    { command: process.execPath, args: ['-e', DOWNLOAD, testing, workDirectory, VERSION], env },
    signal ? AbortSignal.any([signal, timeout]) : timeout,
  );
  signal?.throwIfAborted();

  const path = join(workDirectory, executableName(`temporal-${VERSION}`));
  if (await isExecutable(path)) return path;
  if (timeout.aborted) throw new Error(`gave up after ${GIVE_UP_AFTER_MS / 60_000} minutes`);
  throw new Error(oneLine(lastLines.join('\n')));
}
