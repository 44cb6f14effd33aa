import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { callByHand } from '../helpers/by-hand.js';
import { failureOf, openWorkplace, PRODUCT_TASK } from '../helpers/workplace.js';

// Times without a zone must not be read in this one.
process.env['TZ'] = 'America/New_York';

const LOST = { route: 'POST /tasks/:id/run', kind: 'drop', count: 1 } as const;

/** A worker that has just been started, at a service with such clocks that loses the reply to the first run. */
async function openAt(clock: Scenario['clock'] = {}) {
  const place = await openWorkplace({ emulator: { scenario: { seconds: 1, rows: 5, clock, faults: [LOST] } } });
  await place.startWorker();
  const start = (task: RunTaskInput['task']) => place.titanflow.runTask(randomUUID(), { task });
  return { place, start };
}

describe.concurrent('a run whose reply is lost, at a service whose clocks differ', () => {
  it.each<[string, NonNullable<Scenario['clock']>]>([
    ['what is created is dated 3 s early', { createdSeconds: -3 }],
    ['what is created is dated 10 minutes early', { createdSeconds: -600 }],
    ['what is created is dated an hour late', { createdSeconds: 3_600 }],
    ['two servers are 5 s apart', { servers: [0, 5] }],
    ['two servers are 5 s apart, the other way round', { servers: [5, 0] }],
    ['times have no zone', { zone: 'none' }],
    ['times are nanoseconds', { unit: 'nanoseconds' }],
  ])(
    'is found and not paid again: %s',
    async (name, clock) => {
      const { place, start } = await openAt(clock);
      const { result } = await start({ ...PRODUCT_TASK, name });
      const { executionId } = await result();
      expect(place.executionsOf(name)).toMatchObject([{ id: executionId }]);
      await place.close();
    },
    180_000,
  );

  it('is found and not paid again: a cache shows the date of long ago', async () => {
    const { place, start } = await openAt({ dateFrozen: true });
    await sleep(20_000);
    const { result } = await start({ ...PRODUCT_TASK, name: 'Frozen date' });
    const { executionId } = await result();
    expect(place.executionsOf('Frozen date')).toMatchObject([{ id: executionId }]);
    await place.close();
  }, 180_000);

  it('is left to a person where nothing was learnt of them yet', async () => {
    const { place, start } = await openAt({ createdSeconds: -60 });
    const id = await callByHand(place.emulator, 'POST', '/tasks', { ...PRODUCT_TASK, name: 'By hand' });
    const failure = await failureOf((await start({ id })).result());
    expect(failure.type).toBe('RunOutcomeUnknown');
    expect(failure.message).toContain("the service's clocks are known to 301 s only");
    expect(place.emulator.ledger().executions).toHaveLength(1);
    await place.close();
  }, 180_000);

  it('is sent again, without a wait for what was there long before', async () => {
    const { place, start } = await openAt();
    place.emulator.setScenario({ seconds: 1, rows: 5, faults: [{ ...LOST, kind: 'refuse', status: 502 }] });
    const { result } = await start({ ...PRODUCT_TASK, name: 'Nothing there' });
    await result();
    expect(place.executionsOf('Nothing there')).toHaveLength(1);
    expect(place.emulator.ledger().counts['GET /tasks/:id/executions']).toBe(2);
    await place.close();
  }, 180_000);
});
