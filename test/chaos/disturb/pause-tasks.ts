import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { Random } from '../../../src/emulator/random.js';
import type { Tally } from '../profiles.js';
import { again, rest, type Background } from './background.js';

/** Each worker may make a task of its own at first, where both of them come at the same moment. */
const SETTLED_MS = 30_000;

/**
 * A person pauses a task and its twins at the service, and sets them going again.
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
      const { executions, requests } = emulator.ledger();
      const before = new Map(executions.map(({ taskId, taskName }) => [taskId, taskName]));
      const asked = requests.map(({ path }) => path.toLowerCase()).join('\n');
      const settled = executions.filter(({ createdAt }) => Date.parse(createdAt) < Date.now() - SETTLED_MS);
      const [first, ...others] = settled.map(({ taskName }) => taskName);
      if (first === undefined) return;
      const name = random.pick([first, ...others]);
      const paused = [...before.keys()].filter((id) => before.get(id) === name);
      for (const id of paused) await setStatus(emulator, id, 'paused');
      tally.add('task paused');
      await rest(random.integer(2_000, 8_000), signal);
      for (const { taskId, taskName } of emulator.ledger().executions) {
        // One whose requests were all lost so far has no execution yet.
        const isNew = taskName === name && !before.has(taskId) && !asked.includes(taskId);
        if (isNew) complain(`task ${taskId} was made while those of the same name were paused: ${name}`);
      }
      for (const id of paused) await setStatus(emulator, id, 'active');
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
