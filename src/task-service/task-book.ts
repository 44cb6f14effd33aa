import type { TaskDefinition } from '../domain/run.js';
import { isNewestFirst, isProvenNewestFirst } from './newest-first.js';
import { readThrough } from './read-through.js';
import { readTime } from './read-time.js';
import { isUnknownToService } from './service-facts.js';
import { isSpellingOf } from './same-id.js';
import { isOfInstance, seenTask, serves, type SeenTask } from './task-identity.js';
import type { TaskService } from './task-service.js';
import type { Task } from './wire.js';

/**
 * This installation's tasks as the service's list shows them. All that a page shows is remembered, so that the list is
 * read once for many definitions, and from then on only what is new in it.
 */
export interface TaskBook {
  /**
   * The task that serves a definition, which may be paused; undefined if there is none.
   *
   * @throws TaskServiceError
   */
  find(definition: TaskDefinition, asked: Asked): Promise<SeenTask | undefined>;
  /** Remembers a task that was just made. */
  add(task: Task): void;
}

interface Asked {
  /** Whether a list that was read within the last minute is good enough. */
  readonly mayBeOld: boolean;
  /** Whether the task may have been made a moment ago: then only a list that is read from now on tells. */
  readonly isInDoubt?: boolean;
  /** A task that can be run no more, although the list may still show it. */
  readonly gone?: string;
}

/** Pages of 10,000 tasks; the rest of a longer list is not read. */
const MOST_PAGES = 100;
const GOOD_FOR_MS = 60_000;
/** An unordered list shows new tasks anywhere, so all of it is read again, but so much later for each page. */
const GOOD_FOR_A_PAGE_MS = 6_000;
const FEW_PAGES = 3;
/** A paused task is looked at again when a run wants it, but not by each of many. */
const PAUSED_FOR_MS = 5_000;
const REMEMBERED = 20_000;
const REMEMBERED_IDS = 50_000;

export function createTaskBook(service: TaskService, instance: string): TaskBook {
  const own = new Map<string, SeenTask[]>();
  /** Ids of all tasks that were seen, whosever they are. */
  const ids = new Set<string>();
  /** One check for each caller that waits: whether its task was found. */
  const wanted = new Set<() => boolean>();
  let reading: Promise<void> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let pages = 0;
  /** Whether everything below a known task in the list is known too. */
  let isKnownBelow = false;
  let wasCleared = false;

  function add(task: Task): void {
    if (ids.size >= REMEMBERED_IDS || own.size >= REMEMBERED) {
      own.clear();
      ids.clear();
      isKnownBelow = false;
      wasCleared = true;
    }
    ids.add(task.id);
    const { name } = task;
    if (!name || !isOfInstance(name, instance)) return;
    const others = own.get(name)?.filter(({ id }) => !isSpellingOf(id, task.id)) ?? [];
    own.set(name, [...others, seenTask(task, name, performance.now())]);
  }

  /** Reads on until all that is wanted was found, or the rest is known. */
  async function read(): Promise<void> {
    const { least, most } = service.clock.creation();
    const times: (number | undefined)[] = [];
    let isCutShort = false;
    let isRestKnown = false;
    pages = 0;
    wasCleared = false;
    const listing = await readThrough({
      list(page) {
        pages += 1;
        return service.tasks.list(page);
      },
      mostPages: MOST_PAGES,
      isEnough(fresh) {
        times.push(...fresh.map(({ created_at: created }) => readTime(created)));
        const last = fresh.at(-1);
        isRestKnown = isKnownBelow && last !== undefined && ids.has(last.id) && isNewestFirst(times, most - least);
        fresh.forEach(add);
        for (const isFound of wanted) if (isFound()) wanted.delete(isFound);
        isCutShort = wanted.size === 0 && !isRestKnown;
        return isCutShort || isRestKnown;
      },
    }).finally(() => wanted.clear());
    if (isCutShort) return;
    isKnownBelow = isRestKnown || (listing !== undefined && !wasCleared && isProvenNewestFirst(times, most - least));
    readAt = performance.now();
  }

  async function lookFor(isFound: () => boolean, { mayBeOld, isInDoubt }: Asked): Promise<void> {
    const asked = performance.now();
    const goodFor = (): number => {
      const all = pages * GOOD_FOR_A_PAGE_MS;
      if (mayBeOld) return Math.max(GOOD_FOR_MS, all);
      return isInDoubt === true || isKnownBelow || pages <= FEW_PAGES ? 0 : all;
    };
    while (!isFound() && readAt < asked - goodFor()) {
      wanted.add(isFound);
      reading ??= read().finally(() => (reading = undefined));
      await reading;
    }
  }

  async function refresh({ id, name }: SeenTask): Promise<void> {
    try {
      add({ ...(await service.tasks.get(id)), id, name });
    } catch (error) {
      if (!isUnknownToService(error)) throw error;
      add({ id, name, status: 'deleted' });
    }
  }

  function serving(definition: TaskDefinition, gone?: string): SeenTask | undefined {
    const usable = own.get(definition.name)?.filter((task) => serves(task, definition)) ?? [];
    const left = usable.filter(({ id }) => gone === undefined || !isSpellingOf(id, gone));
    // All who look take the same one of several twins.
    return left.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
  }

  return {
    add,
    async find(definition, asked) {
      const { gone } = asked;
      await lookFor(() => serving(definition, gone) !== undefined, asked);
      const found = serving(definition, gone);
      if (found?.isPaused !== true || performance.now() - found.seenAt < PAUSED_FOR_MS) return found;
      await refresh(found);
      return serving(definition, gone);
    },
  };
}
