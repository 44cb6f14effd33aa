import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { runGuarded } from './guarded-process.js';
import { executableName, findOnPath, oneLine, TEMPORAL_CLI_VERSION } from './temporal-binary.js';

const TEMPORAL_PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const BUILD_FLAGS = [
  '-v',
  '-mod=readonly',
  '-buildvcs=false',
  '-trimpath',
  // No debugger's tables, which are a third of the program; and the version, which otherwise reads `0.0.0-DEV`.
  `-ldflags=-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`,
];

export interface BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the Go module whose go.mod pins the CLI; only read. */
  readonly toolModule: string;
  readonly workDirectory: string;
  /** Told how far the build is, e.g. `212 packages compiled`; Go does not say of how many. */
  readonly onProgress: (progress: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Builds the Temporal CLI from its published source: minutes, and a few hundred megabytes through Go's module proxy.
 *
 * @returns the path of the program in `workDirectory`.
 * @throws Error saying in one line what went wrong.
 */
export async function buildTemporal(options: BuildOptions): Promise<string> {
  const { env, toolModule, workDirectory, onProgress, signal } = options;
  const go = await findOnPath(env, 'go');
  if (go === undefined) throw new Error('Go is not installed: no `go` on PATH');

  const path = join(workDirectory, executableName('temporal'));
  const goTemporary = join(workDirectory, 'go');
  await mkdir(goTemporary);
  const { code, lastLines } = await runGuarded(
    {
      command: go,
      args: ['build', '-C', toolModule, ...BUILD_FLAGS, '-o', path, TEMPORAL_PACKAGE],
      // Without C there is no need of a compiler; a go.work around us is none of our business.
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: goTemporary },
      onLine: countProgress(onProgress),
    },
    signal,
  );
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(buildFailure(lastLines));
  return path;
}

/** `go build -v` prints a line for each module that it downloads, and one for each package that it compiles. */
function countProgress(onProgress: (progress: string) => void): (line: string) => void {
  let modules = 0;
  let packages = 0;
  return (line) => {
    if (line.startsWith('go: downloading ')) modules += 1;
    else if (/^[\w.~/-]+$/.test(line)) packages += 1;
    const done = [modules && `${modules} modules downloaded`, packages && `${packages} packages compiled`];
    onProgress(done.filter(Boolean).join(', '));
  };
}

function buildFailure(lines: readonly string[]): string {
  // An old Go says it in one of three ways, by its age.
  const tooOld = lines.find((line) => /requires go >= |invalid go version|not defined: -C/.test(line));
  if (tooOld !== undefined) return `this Go is too old: ${tooOld}`;
  const telling = lines.filter((line) => line.trim() !== '' && !line.startsWith('go: downloading '));
  return `go build failed: ${oneLine(telling.slice(-3).join('\n'))}`;
}
