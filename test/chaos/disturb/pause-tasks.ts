import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { Random } from '../../../src/emulator/random.js';
import type { Tally } from '../profiles.js';
import { again, rest, type Background } from './background.js';

/**
 * A person pauses a task and its twins at the service, and sets them going again. Two workers that come to a task at the same
 * moment may each make one: a run that walked around one that is paused would find the other.
 */
export function pauseTasks(emulator: Emulator, random: Random, tally: Tally): Background {
  return again(
    () => random.integer(1_000, 4_000),
    async (signal) => {
      const names = new Map(emulator.ledger().executions.map(({ taskId, taskName }) => [taskId, taskName]));
      const [first, ...others] = names.values();
      if (first === undefined) return;
      const name = random.pick([first, ...others]);
      const ids = [...names.keys()].filter((id) => names.get(id) === name);
      for (const id of ids) await setStatus(emulator, id, 'paused');
      tally.add('task paused');
      await rest(random.integer(2_000, 8_000), signal);
      for (const id of ids) await setStatus(emulator, id, 'active');
    },
  );
}

/** Calls until no fault is in the way. */
async function setStatus({ url }: Emulator, id: string, status: 'paused' | 'active'): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/v1/tasks/${id}`, {
      method: 'PATCH',
      headers: { 'x-api-key': 'person' },
      body: JSON.stringify({ status }),
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    // A task that its step has deleted is past pausing.
    if (answer?.ok === true || answer?.status === 404) return;
    await sleep(200);
  }
}
