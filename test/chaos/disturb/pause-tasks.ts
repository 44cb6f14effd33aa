import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { Random } from '../../../src/emulator/random.js';
import type { Tally } from '../profiles.js';
import { again, rest, type Background } from './background.js';

/**
 * A person pauses a task at the service, and sets it going again.
 *
 * @param complain called with each other task that was made and run meanwhile for the same work
 */
export function pauseTasks(
  emulator: Emulator,
  random: Random,
  tally: Tally,
  complain: (complaint: string) => void,
): Background {
  return again(
    () => random.integer(1_000, 4_000),
    async (signal) => {
      const before = tasksRun(emulator);
      const [first, ...others] = before;
      if (first === undefined) return;
      const [id, name] = random.pick([first, ...others]);
      await setStatus(emulator, id, 'paused');
      tally.add('task paused');
      await rest(random.integer(2_000, 8_000), signal);
      for (const [other, itsName] of tasksRun(emulator)) {
        if (itsName === name && !before.has(other)) complain(`task ${other} was made while ${id} was paused: ${name}`);
      }
      await setStatus(emulator, id, 'active');
    },
  );
}

/** Tasks that were run, and their names, which are the same where the work is. */
function tasksRun(emulator: Emulator): ReadonlyMap<string, string> {
  return new Map(emulator.ledger().executions.map(({ taskId, taskName }) => [taskId, taskName]));
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
