import PQueue from 'p-queue';
import type { Waits } from '../domain/waits.js';

export interface TurnLimits {
  /** How many do heavy work at once: memory stays bounded. */
  readonly atOnce: number;
  /** How many of one group may be under way, including those that wait for a server or a lock. */
  readonly ofOneGroup: number;
  /** How many of one group may wait for locks; the others of the group keep the rest. */
  readonly lockWaitsOfOneGroup: number;
}

interface TurnAsked {
  /** A store, or all exports. */
  readonly group: string;
  /** The table within the group whose work is done one after the other; left out if there is none. */
  readonly key?: string;
  /** Attempt of the activity; a later one waits longer for a lock. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Called with what is waited for; with undefined when the work goes on. */
  readonly say: (waitingFor: string | undefined) => void;
}

/** Turns of heavy work. Nothing that waits holds a place of those that work. */
export interface Turns {
  /** How many have asked, and do not work at the moment. */
  waiting(): number;
  /** Does the work when it is its turn. */
  run<Result>(asked: TurnAsked, work: (waits: Waits) => Promise<Result>): Promise<Result>;
}

const LOCK_WAIT_MS = 10_000;
const LONGEST_LOCK_WAIT_MS = 60_000;
/** Work that is under way goes before work that is to be begun. */
const UNDER_WAY = 1;

export function createTurns({ atOnce, ofOneGroup, lockWaitsOfOneGroup }: TurnLimits): Turns {
  const places = new PQueue({ concurrency: atOnce });
  const groups = createQueues(ofOneGroup);
  const keys = createQueues(1);
  const lockWaits = new Map<string, number>();
  let [asking, working] = [0, 0];

  /** Waits for a place. @returns the function that gives it up */
  function takePlace(signal: AbortSignal, priority: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const hold = (): Promise<void> =>
        new Promise((release) => {
          working += 1;
          resolve(() => {
            working -= 1;
            release();
          });
        });
      // The signal breaks off only the wait: a place that was given is given up by its owner.
      const queued = new AbortController();
      const abort = (): void => queued.abort(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      const taken = (): Promise<void> => {
        signal.removeEventListener('abort', abort);
        return hold();
      };
      places.add(taken, { signal: queued.signal, priority }).catch(reject);
    });
  }

  function openPlace({ group, attempt, signal, say }: TurnAsked) {
    let giveUp: (() => void) | undefined;
    let entering: Promise<void> | undefined;
    let [isLockWait, isOver] = [false, false];

    function countLockWait(change: 1 | -1): void {
      isLockWait = change === 1;
      lockWaits.set(group, (lockWaits.get(group) ?? 0) + change);
    }

    async function take(priority: number): Promise<void> {
      if (places.pending >= atOnce) say(`a turn: ${atOnce} others are at work`);
      const release = await takePlace(signal, priority);
      say(undefined);
      if (isOver) release();
      else giveUp = release;
    }

    const waits: Waits = {
      longestMs: Math.min(LOCK_WAIT_MS * attempt, LONGEST_LOCK_WAIT_MS),
      begin(waitingFor, kind) {
        if (kind === 'lock' && !isLockWait) {
          if ((lockWaits.get(group) ?? 0) >= lockWaitsOfOneGroup) return false;
          countLockWait(1);
        }
        giveUp?.();
        giveUp = undefined;
        say(waitingFor);
        return true;
      },
      async end() {
        if (isLockWait) countLockWait(-1);
        if (giveUp !== undefined || isOver) return;
        entering ??= take(UNDER_WAY).finally(() => (entering = undefined));
        await entering;
      },
    };
    return {
      waits,
      enter: () => take(0),
      close() {
        isOver = true;
        if (isLockWait) countLockWait(-1);
        giveUp?.();
      },
    };
  }

  async function inPlace<Result>(asked: TurnAsked, work: (waits: Waits) => Promise<Result>): Promise<Result> {
    const place = openPlace(asked);
    try {
      await place.enter();
      return await work(place.waits);
    } finally {
      place.close();
    }
  }

  return {
    waiting: () => asking - working,
    async run(asked, work) {
      const { group, key, signal, say } = asked;
      asking += 1;
      try {
        const inGroup = () => {
          if (groups.isFull(group)) say(`a turn: ${ofOneGroup} others of ${group} are under way`);
          return groups.add(group, signal, () => inPlace(asked, work));
        };
        if (key === undefined) return await inGroup();
        const name = JSON.stringify([group, key]);
        if (keys.isFull(name)) say(`its turn: ${group}, table ${key} is being loaded by another run`);
        return await keys.add(name, signal, inGroup);
      } finally {
        asking -= 1;
      }
    },
  };
}

/** A queue for each name, as long as somebody is in it. */
function createQueues(concurrency: number) {
  const queues = new Map<string, PQueue>();

  function queueOf(name: string): PQueue {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = new PQueue({ concurrency });
    queue.on('idle', () => {
      if (queues.get(name) === queue && queue.size + queue.pending === 0) queues.delete(name);
    });
    queues.set(name, queue);
    return queue;
  }

  return {
    isFull: (name: string) => (queues.get(name)?.pending ?? 0) >= concurrency,
    add: <Result>(name: string, signal: AbortSignal, work: () => Promise<Result>) =>
      queueOf(name).add(work, { signal }),
  };
}
