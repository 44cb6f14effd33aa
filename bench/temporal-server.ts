import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { environment } from '../src/config.js';
import { findTemporal } from '../src/dev/temporal/find-temporal.js';
import { startTemporalServer, type TemporalServer } from '../src/dev/temporal/start-temporal.js';
import { cacheDirectory } from '../src/dev/temporal/temporal-cache.js';

/** A Temporal dev server for one bench; its binary is found or built as `titanflow dev` does it. */
export async function startServer(say: (line: string) => void): Promise<TemporalServer> {
  const env = environment();
  const binary = await findTemporal({
    env,
    cacheDirectory: cacheDirectory(env, process.platform, homedir()),
    toolModule: resolve('tools/temporal-cli'),
    say,
  });
  return startTemporalServer({ binary, say });
}
