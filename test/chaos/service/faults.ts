import type { Scenario } from '../../../src/emulator/scenario.js';
import type { ProfileName, Profiles } from '../profiles.js';

export type ScriptedFault = NonNullable<Scenario['faults']>[number];

const RUN = 'POST /tasks/:id/run';
const EXPORT = 'GET /executions/:id/results/export';
const LONG = { messageBytes: 900_000, echo: true } as const;

/** Requests that go wrong, often enough that a short run meets most of it. */
const FAULTS: Readonly<Partial<Record<ProfileName, readonly ScriptedFault[]>>> = {
  network: [
    { name: 'run: drop', route: RUN, kind: 'drop', probability: 0.1 },
    { name: 'run: fail', route: RUN, kind: 'fail', probability: 0.08 },
    { name: 'run: throttle', route: RUN, kind: 'throttle', probability: 0.08 },
    { name: 'run: hang', route: RUN, kind: 'hang', probability: 0.06 },
    { name: 'run: refuse', route: RUN, kind: 'refuse', status: 502, probability: 0.08 },
    { name: 'create: drop', route: 'POST /tasks', kind: 'drop', probability: 0.3 },
    { name: 'export: truncate', route: EXPORT, kind: 'truncate', probability: 0.15 },
    { name: 'stop: fail', route: 'POST /executions/:id/stop', kind: 'fail', probability: 0.2 },
    { name: 'any: refuse', route: '*', kind: 'refuse', status: 503, probability: 0.03 },
    { name: 'any: drop', route: '*', kind: 'drop', probability: 0.02 },
    { name: 'any: delay', route: '*', kind: 'delay', delaySeconds: 2, probability: 0.05 },
  ],
  answers: [
    { name: 'run: started, 303', status: 303, body: 'empty', location: 'http://127.0.0.1:9/login' },
    { name: 'run: started, 200 without success', status: 200 },
    { name: 'run: started, 200 page', status: 200, body: 'html' },
    { name: 'run: started, 404 page', status: 404, body: 'html' },
    { name: 'run: started, 400 text', status: 400, body: 'text' },
    { name: 'run: started, 429 empty', status: 429, body: 'empty' },
    { name: 'run: started, 204', status: 204 },
  ].map((answer): ScriptedFault => ({ route: RUN, kind: 'fail', probability: 0.025, ...(answer as object) })),
  'long-texts': [
    { name: 'run: started, 900 kB', route: RUN, kind: 'fail', probability: 0.03, ...LONG },
    { name: 'read: 900 kB', route: 'GET /executions/:id', status: 500, probability: 0.05, ...LONG },
    { name: 'list: 900 kB', route: 'GET /executions', status: 500, probability: 0.04, ...LONG },
    { name: 'export: 900 kB page', route: EXPORT, status: 502, body: 'html', probability: 0.05, ...LONG },
  ],
  bombs: [
    { name: 'run: started, bomb', route: RUN, kind: 'bomb', megabytes: 450, probability: 0.02 },
    { name: 'read: bomb', route: 'GET /executions/:id', kind: 'bomb', megabytes: 450, probability: 0.03 },
    { name: 'list: bomb', route: 'GET /executions', kind: 'bomb', megabytes: 450, probability: 0.03 },
  ],
  trickle: [{ name: 'export: trickle', route: EXPORT, kind: 'trickle', bytesPerSecond: 0.5, probability: 0.1 }],
};

export function faultsOf(profiles: Profiles): ScriptedFault[] {
  return Object.entries(FAULTS).flatMap(([name, faults]) => (profiles.has(name as ProfileName) ? faults : []));
}
