import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGuarded } from '../../src/dev/temporal/guarded-process.js';
import { executableName, findOnPath, isExecutable, oneLine } from '../../src/dev/temporal/temporal-binary.js';
import { cacheDirectory } from '../../src/dev/temporal/temporal-cache.js';

/** What `tools/versitygw/go.mod` asks for. */
const VERSION = '1.8.0';
const MODULE = fileURLToPath(new URL('../../tools/versitygw', import.meta.url));
const PACKAGE = 'github.com/versity/versitygw/cmd/versitygw';
const BUILD_FLAGS = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w'];

/** Before the first test, so that none runs out of time while the server is built. */
export async function setup(): Promise<void> {
  await versitygwBinary();
}

/**
 * The path of the S3 server that the tests run: from the cache, else built with Go from Go's module proxy, once. It is
 * built in a folder of its own and moved to its place when it is whole, so that two runs may do this at once.
 */
export async function versitygwBinary(): Promise<string> {
  const cache = cacheDirectory(process.env, process.platform, homedir());
  const path = join(cache, executableName(`versitygw-${VERSION}`));
  if (await isExecutable(path)) return path;
  const go = await findOnPath(process.env, 'go');
  if (go === undefined) throw new Error(`the S3 server of the tests must be built, and there is no \`go\` on PATH`);
  await mkdir(cache, { recursive: true });
  const workDirectory = await mkdtemp(join(cache, 'making-'));
  try {
    await rename(await build(go, workDirectory), path);
  } finally {
    await rm(workDirectory, { recursive: true, force: true, maxRetries: 3 });
  }
  return path;
}

async function build(go: string, workDirectory: string): Promise<string> {
  const path = join(workDirectory, executableName('versitygw'));
  const startedAt = Date.now();
  const slow = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.log(
      `building the S3 server of the tests, versitygw ${VERSION}, with go (once, a minute or two) ... ${seconds} s`,
    );
  }, 5000);
  const { code, lastLines } = await runGuarded({
    command: go,
    args: ['build', '-C', MODULE, ...BUILD_FLAGS, '-o', path, PACKAGE],
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: workDirectory },
  }).finally(() => clearInterval(slow));
  if (code !== 0) throw new Error(`versitygw cannot be built: ${oneLine(lastLines.slice(-3).join('\n'))}`);
  return path;
}
