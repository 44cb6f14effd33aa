import type { Scenario } from '../../src/emulator/scenario.js';

const RUN = 'POST /tasks/:id/run';

/** Everything that can go wrong between a worker and the service, often enough that a short run meets all of it. */
export const CHAOS: Scenario = {
  seconds: 4,
  rows: 5,
  listLagSeconds: 2,
  faults: [
    { route: RUN, kind: 'drop', probability: 0.12 },
    { route: RUN, kind: 'fail', probability: 0.1 },
    { route: RUN, kind: 'throttle', probability: 0.1 },
    { route: RUN, kind: 'hang', probability: 0.12 },
    { route: RUN, kind: 'refuse', status: 502, probability: 0.1 },
    { route: 'POST /tasks', kind: 'drop', probability: 0.3 },
    { route: 'GET /executions/:id/results/export', kind: 'truncate', probability: 0.15 },
    { route: 'POST /executions/:id/stop', kind: 'fail', probability: 0.2 },
    { route: '*', kind: 'refuse', status: 503, probability: 0.03 },
    { route: '*', kind: 'drop', probability: 0.02 },
    { route: '*', kind: 'delay', delaySeconds: 2, probability: 0.05 },
  ],
};

export const ROWS_OF_A_RUN = 5;
