import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { onTestFinished } from 'vitest';

/** What a Temporal CLI prints that is good enough for us. */
export const GOOD_VERSION = 'temporal version 9.9.9 (Server 1.31.2, UI 2.50.1)';

/** A folder that goes when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-test-'));
  onTestFinished(async () => await rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A shell script that can be run as a program. */
export async function fakeProgram(directory: string, name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** An environment with nothing but these folders on PATH, in which no download works. */
export function environment(...path: readonly string[]): NodeJS.ProcessEnv {
  return { PATH: path.join(delimiter), HTTPS_PROXY: 'http://127.0.0.1:1' };
}
