import type { Emulator } from '../../../src/emulator/emulator.js';
import type { Random } from '../../../src/emulator/random.js';
import type { Scenario } from '../../../src/emulator/scenario.js';
import { rest, type Background } from '../disturb/background.js';
import type { ProfileName, Profiles, Tally } from '../profiles.js';
import { faultsOf, type ScriptedFault } from './faults.js';
import { taskScripts } from './task-scripts.js';

/** How the whole service behaves for a while. */
interface Weather extends Omit<Scenario, 'faults' | 'tasks'> {
  readonly name: string;
  readonly faults?: readonly ScriptedFault[];
}

/** A weather has no fixed length: a request that is sent again after a minute would else always meet the same one. */
const SHORTEST_MS = 2_500;
const LONGEST_MS = 7_500;
const CALM: Weather = { name: '' };

const READS = [
  'GET /executions',
  'GET /executions/:id',
  'GET /tasks/:id/executions',
  'GET /executions/:id/results',
  'GET /executions/:id/results/export',
];

/** The weathers of each profile follow one another, independently of those of others. */
const WEATHERS: Readonly<Partial<Record<ProfileName, readonly Weather[]>>> = {
  // For a sixth of the time: a look for a lost request, of several reads, must have its chance.
  ingress: [
    CALM,
    pages('404 text', { status: 404, body: 'text', message: 'default backend - 404' }),
    ...Array.from({ length: 5 }, () => CALM),
    pages('400 page', { status: 400, body: 'html' }),
    ...Array.from({ length: 4 }, () => CALM),
  ],
  // So many that some are older than what is taken for another run's to claim.
  strangers: [{ name: '30 strangers', strangers: 30 }],
  // Ids lead to their objects in either case, also when lists write them as before.
  capitals: [
    { name: 'none', idCase: 'lower' },
    { name: 'statuses', statusCase: 'upper', idCase: 'lower' },
    { name: 'ids', idCase: 'upper' },
  ],
  clocks: [
    { name: 'created 3 s behind', clock: { createdSeconds: -3 } },
    { name: 'created 10 s behind', clock: { createdSeconds: -10 } },
    { name: 'frozen date', clock: { dateFrozen: true } },
    { name: 'servers 5 s apart', clock: { servers: [0, 5] } },
    { name: 'no zone', clock: { zone: 'none' } },
    { name: 'nanoseconds', clock: { unit: 'nanoseconds' } },
    { name: 'whole seconds', clock: { unit: 'seconds' } },
    { name: 'milliseconds', clock: { unit: 'milliseconds' } },
    { name: 'created 30 s behind', clock: { createdSeconds: -30 } },
  ],
  'reset-header': [
    { name: 'milliseconds', rateLimit: { reset: 'milliseconds' } },
    { name: 'year 2099', rateLimit: { reset: 'far' } },
    { name: 'seconds', rateLimit: { reset: 'seconds' } },
  ],
  'paused-tasks': [
    { name: 'refused with 400', pausedStatus: 400 },
    { name: 'refused with 409', pausedStatus: 409 },
  ],
  crowd: [CALM, { name: '350 newer tasks', newerTasks: 350 }],
};

function pages(name: string, answer: Partial<ScriptedFault>): Weather {
  return { name, faults: READS.map((route): ScriptedFault => ({ name: `read: ingress ${name}`, route, ...answer })) };
}

/** @param turn how often the weather has changed */
export function scenarioOf(
  profiles: Profiles,
  turn: number,
): { readonly scenario: Scenario; readonly names: string[] } {
  const current = Object.entries(WEATHERS).flatMap(([profile, weathers]) => {
    const weather = weathers[turn % weathers.length];
    return weather && profiles.has(profile as ProfileName) ? [{ profile, weather }] : [];
  });
  const settings = current.map(({ weather: { name: _name, faults: _faults, ...rest } }) => rest);
  const faults = [...current.flatMap(({ weather }) => weather.faults ?? []), ...faultsOf(profiles)];
  const scenario: Scenario = Object.assign({}, ...settings, settled(profiles), { listLagSeconds: 2, faults });
  const names = current.filter(({ weather }) => weather !== CALM);
  return { scenario, names: names.map(({ profile, weather }) => `${profile}: ${weather.name}`) };
}

/** How executions go when nothing is wrong. */
function settled(profiles: Profiles): Scenario {
  return { seconds: LIFE_SECONDS, rows: ROWS_OF_A_RUN, tasks: taskScripts(profiles) };
}

export const LIFE_SECONDS = 4;
export const ROWS_OF_A_RUN = 5;

export function changeWeather(emulator: Emulator, profiles: Profiles, random: Random, tally: Tally): Background {
  const stopped = new AbortController();
  async function blow(): Promise<void> {
    for (let turn = 0; !stopped.signal.aborted; turn += 1) {
      const { scenario, names } = scenarioOf(profiles, turn);
      emulator.setScenario(scenario);
      for (const name of names) tally.add(`weather: ${name}`);
      await rest(random.integer(SHORTEST_MS, LONGEST_MS), stopped.signal);
    }
    // Ids that were written in capitals are known by them still.
    emulator.setScenario({ ...settled(profiles), ...(profiles.has('capitals') ? { idCase: 'lower' } : {}) });
  }
  const blowing = blow();
  return {
    async stop() {
      stopped.abort();
      await blowing;
    },
  };
}
