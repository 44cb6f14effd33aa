import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Random } from '../../../src/emulator/random.js';
import type { Profiles, Tally } from '../profiles.js';

export type Disturbance = 'cancel' | 'terminate' | 'pause' | 'reset';

/** Share of the runs that each of them hits. */
const SHARES = { cancels: ['cancel', 0.1], terminations: ['terminate', 0.08], pauses: ['pause', 0.15] } as const;
const RESETS = 0.3;

/** Disturbs some runs, once, at any moment of their lives; the answer is what was done. */
export async function disturbRun(
  client: Client,
  workflowId: string,
  random: Random,
  profiles: Profiles,
  tally: Tally,
): Promise<Disturbance | undefined> {
  const kind = draw(random, profiles);
  if (!kind) return undefined;
  const handle = client.workflow.getHandle(workflowId);
  await sleep(random.integer(0, kind === 'reset' ? 25_000 : 12_000));
  // A run that is over, or about to be, refuses it.
  const isDone = await KINDS[kind](handle, random, client).then(
    () => true,
    () => false,
  );
  if (!isDone) return undefined;
  tally.add(`run: ${kind}`);
  return kind;
}

function draw(random: Random, profiles: Profiles): Disturbance | undefined {
  let lot = random.fraction();
  for (const [profile, [kind, share]] of Object.entries(SHARES)) {
    if (lot < share) return profiles.has(profile as keyof typeof SHARES) ? kind : undefined;
    lot -= share;
  }
  return lot < RESETS && profiles.has('resets') ? 'reset' : undefined;
}

type Disturb = (handle: WorkflowHandle, random: Random, client: Client) => Promise<unknown>;

const KINDS: Readonly<Record<Disturbance, Disturb>> = {
  cancel: (handle) => handle.cancel(),
  terminate: (handle) => handle.terminate('by chaos'),
  async pause(handle, random) {
    await handle.executeUpdate('pause');
    await sleep(random.integer(500, 4_000));
    await handle.executeUpdate('resume').catch(() => undefined);
  },
  reset,
};

/** Resets a workflow to any completed workflow task of its latest run, whether that is over or not. */
async function reset(handle: WorkflowHandle, random: Random, client: Client): Promise<void> {
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const ids = (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: completed }) =>
    completed && eventId ? [eventId] : [],
  );
  const [first, ...others] = ids;
  if (!first) throw new Error('it has not begun');
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId, runId },
    reason: 'by chaos',
    workflowTaskFinishEventId: random.pick([first, ...others]),
    requestId: randomUUID(),
  });
}
