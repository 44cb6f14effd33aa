import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { findTemporal } from '../../src/dev/temporal/find-temporal.js';
import type { TemporalBinary } from '../../src/dev/temporal/temporal-binary.js';
import { cacheDirectory } from '../../src/dev/temporal/temporal-cache.js';

/** The Temporal CLI that the tests run, found or made as the program does it. */
export async function temporalBinary(): Promise<TemporalBinary> {
  return await findTemporal({
    env: process.env,
    cacheDirectory: cacheDirectory(process.env, process.platform, homedir()),
    toolModule: fileURLToPath(new URL('../../tools/temporal-cli', import.meta.url)),
    say: (line) => console.log(line),
  });
}
