import type { TestProject } from 'vitest/node';

import { startTemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { temporalBinary } from './temporal-binary.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the Temporal server that all tests of a run share; its namespace is `default`. */
    temporalAddress: string;
  }
}

const CLI_TYPES = { KEYWORD: 'Keyword', INT: 'Int' } as const;

/** One server for the whole run: the one that TEMPORAL_ADDRESS names, or one of our own. Returns how to stop it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env['TEMPORAL_ADDRESS'];
  if (existing !== undefined) {
    await prepare(existing);
    project.provide('temporalAddress', existing);
    return async () => undefined;
  }
  const server = await startTemporalServer({
    binary: await temporalBinary(),
    searchAttributes: Object.fromEntries(
      Object.values(searchAttributes).map(({ name, type }) => [name, CLI_TYPES[type]]),
    ),
    say: (line) => console.log(line),
  });
  project.provide('temporalAddress', server.address);
  return async () => await server.stop();
}

/** Registers the search attributes on somebody's server. Only here the SDK's native part is loaded. */
async function prepare(address: string): Promise<void> {
  const { NativeConnection } = await import('@temporalio/worker');
  const { registerSearchAttributes } = await import('../../src/worker/register-search-attributes.js');
  const connection = await NativeConnection.connect({ address });
  await registerSearchAttributes(connection, 'default');
  await connection.close();
}
