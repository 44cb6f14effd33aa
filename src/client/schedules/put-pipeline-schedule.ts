import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { pipelineScheduleId } from '../../domain/ids.js';
import { plainOf, plainSchedule, scheduleOptions, type PlainSchedule, type ScheduleWish } from './plain-schedule.js';
import { scheduleChanges, scheduleLines, type ScheduleChange } from './schedule-changes.js';

/** What is to be done so that a schedule is as its pipeline's file says. */
export interface ScheduleTodo {
  readonly scheduleId: string;
  /** `foreign`: somebody else has a schedule of that id; it is left alone. */
  readonly kind: 'create' | 'update' | 'nothing' | 'foreign';
  readonly changes: readonly ScheduleChange[];
  readonly isPaused: boolean;
  /** @throws what the server has against it */
  apply(): Promise<void>;
}

/** Compares a schedule with what is wished. Nothing is changed before `apply`. */
export async function compareSchedule(client: Client, wish: ScheduleWish): Promise<ScheduleTodo> {
  const wanted = plainSchedule(wish);
  const scheduleId = pipelineScheduleId(wish.pipeline.name);
  const there = await findSchedule(client, scheduleId);
  const { paused: wantsPause } = wish.schedule;
  if (there === undefined) {
    const isPaused = wantsPause === true;
    return {
      scheduleId,
      kind: 'create',
      changes: newLines(wanted),
      isPaused,
      apply: () => create(client, wanted, isPaused),
    };
  }
  const plain = plainOf(there);
  const { paused: wasPaused } = there.state;
  if (plain === undefined) {
    return { scheduleId, kind: 'foreign', changes: [], isPaused: wasPaused, apply: () => Promise.resolve() };
  }
  // Who has paused it by hand had a reason: only a file that says so sets it going again.
  const isPaused = wantsPause ?? wasPaused;
  const paused = isPaused === wasPaused ? [] : [{ what: 'paused', from: String(wasPaused), to: String(isPaused) }];
  const changes = [...scheduleChanges(plain, wanted), ...paused];
  const kind = changes.length === 0 ? 'nothing' : 'update';
  return { scheduleId, kind, changes, isPaused, apply: () => update(client, wanted, isPaused) };
}

/** @returns undefined where there is none */
export async function findSchedule(client: Client, scheduleId: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

async function create(client: Client, wanted: PlainSchedule, paused: boolean): Promise<void> {
  const note = paused ? { note: PAUSED_BY_FILE } : {};
  await client.schedule.create({ ...scheduleOptions(wanted), state: { paused, ...note } });
}

async function update(client: Client, wanted: PlainSchedule, paused: boolean): Promise<void> {
  const { scheduleId, memo: _memo, ...content } = scheduleOptions(wanted);
  await client.schedule.getHandle(scheduleId).update(({ state }) => {
    const note = state.paused === paused ? state.note : paused ? PAUSED_BY_FILE : undefined;
    return { ...content, state: { ...state, paused, note } };
  });
}

const PAUSED_BY_FILE = 'paused by its pipeline file';

function newLines(wanted: PlainSchedule): readonly ScheduleChange[] {
  return Object.entries(scheduleLines(wanted)).map(([what, to]) => ({ what, from: '', to }));
}
