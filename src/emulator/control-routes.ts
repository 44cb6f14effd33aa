import { Hono } from 'hono';
import { ApiError, failure, success } from './envelope.js';
import type { Ledger } from './ledger.js';
import type { RouteEnvironment } from './route.js';
import { parseScenario } from './scenario.js';
import type { State } from './state.js';

/** The emulator's own routes: no credential, no rate limit, no faults, not in the ledger. */
export function createControlRoutes(state: State, readLedger: () => Ledger): Hono<RouteEnvironment> {
  const app = new Hono<RouteEnvironment>();
  app.get('/__health', (context) => context.json({ status: 'ok' }));
  app.get('/__ledger', (context) => context.json(readLedger()));
  app.put('/__scenario', async (context) => {
    const text = await context.req.text();
    try {
      state.setScenario(parseScenario(text, 'scenario'));
    } catch (error) {
      return failure(new ApiError(400, error instanceof Error ? error.message : 'the scenario cannot be read'));
    }
    return success(context, { faults: state.scenario().faults.length, tasks: state.scenario().tasks.length });
  });
  return app;
}
