import { Hono } from 'hono';
import { ApiError, failure, success } from './envelope.js';
import type { Ledger } from './ledger.js';
import type { RouteEnvironment } from './route.js';
import { parseScenario, type ResolvedScenario } from './scenario.js';
import type { State } from './state.js';

/** The emulator's own routes: no credential, no rate limit, no faults, not in the ledger. */
export function createControlRoutes(state: State, readLedger: () => Ledger): Hono<RouteEnvironment> {
  const app = new Hono<RouteEnvironment>();
  app.get('/__health', (context) => context.json({ status: 'ok' }));
  app.get('/__ledger', (context) => context.json(readLedger()));
  app.put('/__scenario', async (context) => {
    const text = await context.req.text();
    try {
      const scenario = parseScenario(text, 'scenario');
      // Whoever reaches this port must not read this machine's files.
      if (namesFile(scenario)) throw new Error('scenario: file: only at the start, from the scenario file');
      state.setScenario(scenario);
    } catch (error) {
      return failure(new ApiError(400, error instanceof Error ? error.message : 'the scenario cannot be read'));
    }
    return success(context, { faults: state.scenario().faults.length, tasks: state.scenario().tasks.length });
  });
  return app;
}

function namesFile({ file, tasks }: ResolvedScenario): boolean {
  return file !== undefined || tasks.some((task) => task.file !== undefined);
}
