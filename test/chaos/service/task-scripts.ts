import { resolve } from 'node:path';
import type { Scenario } from '../../../src/emulator/scenario.js';
import type { Profiles } from '../profiles.js';

type TaskScript = NonNullable<Scenario['tasks']>[number];

export const NOT_READY = [400, 409, 410, 422, 425] as const;
export const FIND_ROWS = 4;

/** Run from the project's root; one of its five records is text on which `^([a-z0-9]+)+@` takes for ever. */
const HOSTILE_RECORDS = resolve('test/chaos/runs/hostile-records.json');

/** How executions of the tasks of some profiles go, by the task's name. */
export function taskScripts(profiles: Profiles): TaskScript[] {
  return [
    ...(profiles.has('pipelines') ? [{ name: '/^Chaos find/', rows: FIND_ROWS, seconds: 2 }] : []),
    ...(profiles.has('odd') ? ODD : []),
    ...(profiles.has('patterns') ? [{ name: 'Chaos pattern', file: HOSTILE_RECORDS }] : []),
    ...(profiles.has('long-texts') ? [{ name: 'Chaos long error', status: 'failed', error: LONG_ERROR }] : []),
    ...(profiles.has('not-ready') ? NOT_READY.map(late) : []),
  ];
}

const LONG_ERROR = 'the shop is closed '.repeat(47_000);

const ODD: readonly TaskScript[] = [
  { name: 'Chaos odd null', statusShown: null },
  { name: 'Chaos odd time', createdShown: 'soon' },
  { name: 'Chaos odd 500', alwaysFails: 500 },
  { name: 'Chaos odd canceled', status: 'cancelled', statusShown: 'canceled' },
  { name: 'Chaos odd unlisted', unlisted: true },
];

function late(resultsLagStatus: (typeof NOT_READY)[number]): TaskScript {
  return { name: `Chaos late ${resultsLagStatus}`, resultsLagSeconds: 4, resultsLagStatus };
}
