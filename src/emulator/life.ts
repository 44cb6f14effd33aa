/** What will happen to one execution, decided when it is created. Times are Unix milliseconds. */
export interface Life {
  readonly createdAt: number;
  /** From creation to the end, without pauses. */
  readonly totalMs: number;
  /**
   * The status it comes to. `queued` and `running` are stayed in for ever; a word that the vendor does not document is
   * shown when the time is over, and never counts as an end.
   */
  readonly outcome: string;
  readonly pauses: readonly Pause[];
  readonly stoppedAt?: number;
}

interface Pause {
  readonly from: number;
  /** Missing: still paused. */
  readonly to?: number;
}

/** How an execution stands at one moment. */
export interface Standing {
  readonly status: string;
  /** When the status last changed. */
  readonly updatedAt: number;
}

/** A standing, and how it came about. */
interface Moment extends Standing {
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Share of the work that is done, 0 to 1. */
  readonly progress: number;
}

export type Control = 'pause' | 'resume' | 'stop';

const ENDED: ReadonlySet<string> = new Set(['completed', 'completed_with_errors', 'failed', 'cancelled']);
/** An execution waits for a worker for a fifth of its life, but no longer than this. */
const LONGEST_QUEUE_MS = 1000;

/** Whether the status is one of the documented ends. */
export function isEnded(status: string): boolean {
  return ENDED.has(status);
}

/**
 * How the execution stands at `now`: computed, so that a thousand executions need no timer. `now` may lie before calls that
 * the life already knows of; they do not count then. Lists ask this of every execution there is, so it makes little.
 */
export function standingOf(whole: Life, now: number): Standing {
  const life = lifeUntil(whole, now);
  if (life.stoppedAt !== undefined) return { status: 'cancelled', updatedAt: life.stoppedAt };
  const lastPause = life.pauses.at(-1);
  if (lastPause && lastPause.to === undefined) return { status: 'paused', updatedAt: lastPause.from };
  const startedAt = startOf(life, now);
  const changedAt = Math.max(startedAt ?? life.createdAt, lastPause?.to ?? 0);
  if (startedAt === undefined) return { status: 'queued', updatedAt: changedAt };
  const overAt = reachedAt(life, life.totalMs);
  if (overAt === undefined || now < overAt || life.outcome === 'running') {
    return { status: 'running', updatedAt: changedAt };
  }
  return { status: life.outcome, updatedAt: overAt };
}

/** The standing at `now`, with all that has led to it. */
export function momentOf(whole: Life, now: number): Moment {
  const life = lifeUntil(whole, now);
  const { status, updatedAt } = standingOf(life, now);
  const startedAt = startOf(life, now);
  return {
    status,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(isEnded(status) ? { finishedAt: updatedAt } : {}),
    updatedAt,
    progress: progressAt(life, now),
  };
}

/** When the work began; undefined = it has not by `now`. */
function startOf(life: Life, now: number): number | undefined {
  if (life.outcome === 'queued') return undefined;
  const startedAt = reachedAt(life, queueMs(life));
  return startedAt !== undefined && startedAt <= (life.stoppedAt ?? now) ? startedAt : undefined;
}

/** The life as it was known at `now`. */
function lifeUntil(life: Life, now: number): Life {
  const isAllPast = life.pauses.every(({ from, to = from }) => to <= now) && (life.stoppedAt ?? now) <= now;
  if (isAllPast) return life;
  const { stoppedAt, pauses, ...rest } = life;
  const known = pauses.filter(({ from }) => from <= now);
  return {
    ...rest,
    pauses: known.map(({ from, to }) => (to === undefined || to > now ? { from } : { from, to })),
    ...(stoppedAt === undefined || stoppedAt > now ? {} : { stoppedAt }),
  };
}

/** The life after a control call at `now`; undefined = the call is not allowed in the status of that moment. */
export function controlLife(life: Life, control: Control, now: number): Life | undefined {
  return CONTROLS[control](life, standingOf(life, now).status, now);
}

type Step = (life: Life, status: string, now: number) => Life | undefined;

const CONTROLS: Readonly<Record<Control, Step>> = {
  pause: (life, status, now) =>
    status === 'queued' || status === 'running' ? { ...life, pauses: [...life.pauses, { from: now }] } : undefined,
  resume: (life, status, now) =>
    status === 'paused' ? { ...life, pauses: life.pauses.map(({ from, to = now }) => ({ from, to })) } : undefined,
  stop: (life, status, now) => (isEnded(status) ? undefined : { ...life, stoppedAt: now }),
};

function queueMs(life: Life): number {
  return Math.min(LONGEST_QUEUE_MS, life.totalMs / 5);
}

/** When the execution has had so much time of its own, pauses not counted; undefined = not while this pause lasts. */
function reachedAt(life: Life, ownMs: number): number | undefined {
  let at = life.createdAt + ownMs;
  for (const pause of life.pauses) {
    if (pause.from >= at) break;
    if (pause.to === undefined) return undefined;
    at += pause.to - pause.from;
  }
  return at;
}

function progressAt(life: Life, now: number): number {
  if (life.outcome === 'queued') return 0;
  const until = life.stoppedAt ?? now;
  const paused = life.pauses.reduce((sum, pause) => sum + ((pause.to ?? until) - pause.from), 0);
  const worked = until - life.createdAt - paused - queueMs(life);
  const whole = life.totalMs - queueMs(life);
  if (whole === 0) return 1;
  return Math.min(1, Math.max(0, worked / whole));
}
