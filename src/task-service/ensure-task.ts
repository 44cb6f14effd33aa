import type { TaskDefinition } from '../domain/run.js';
import { identified, serves, type TaskIdentity } from './task-identity.js';
import { TaskServiceError } from './task-service-error.js';
import type { TaskService } from './task-service.js';
import type { Task } from './wire.js';

export interface TaskEnsurer {
  /**
   * The id of a task with this definition: found by its name, else created. Twins, made by two workers in the same
   * moment, are harmless: all who look find the same one of them.
   *
   * @param gone a task that cannot be run any more, although it was found before
   * @param isOneOfMany then what the service lists is asked for once in a while only, for all of them
   * @throws TaskServiceError
   */
  ensure(
    definition: TaskDefinition,
    secretNames: readonly string[],
    gone?: string,
    isOneOfMany?: boolean,
  ): Promise<string>;
}

const PAGES = 3;
const PAGE_SIZE = 100;
const REMEMBERED = 20_000;

export function createTaskEnsurer(service: TaskService, instance: string): TaskEnsurer {
  const known = new Map<string, Promise<string>>();
  /** Names under which a task may have been made, although nobody said so. */
  const inDoubt = new Set<string>();

  const sharedPage = createSharedPages((offset) => service.tasks.list({ limit: PAGE_SIZE, offset }));

  async function find(
    definition: TaskDefinition,
    gone: string | undefined,
    isOneOfMany: boolean,
  ): Promise<string | undefined> {
    const serving: Task[] = [];
    let offset = 0;
    for (let page = 0; page < PAGES; page++) {
      const tasks = await (isOneOfMany ? sharedPage(offset) : service.tasks.list({ limit: PAGE_SIZE, offset }));
      serving.push(...tasks.filter((task) => task.id !== gone && serves(task, definition)));
      // The service may cap the page size below what was asked for: only an empty page is surely the last.
      if (serving.length > 0 || tasks.length === 0) break;
      offset += tasks.length;
    }
    return serving.map(({ id }) => id).toSorted()[0];
  }

  async function findOrCreate(definition: TaskDefinition, gone?: string, isOneOfMany = false): Promise<string> {
    // A page that was read before does not show what was made since.
    const found = await find(definition, gone, isOneOfMany && gone === undefined && !inDoubt.has(definition.name));
    return found ?? create(definition);
  }

  async function create(definition: TaskDefinition): Promise<string> {
    const { name } = definition;
    try {
      const { id } = await service.tasks.create(definition);
      inDoubt.delete(name);
      return id;
    } catch (error) {
      const isCertain = error instanceof TaskServiceError && !error.mayHaveTakenEffect;
      if (inDoubt.size >= REMEMBERED) inDoubt.clear();
      if (!isCertain) inDoubt.add(name);
      throw error;
    }
  }

  return {
    async ensure(definition, secretNames, gone, isOneOfMany) {
      const identity: TaskIdentity = { instance, secretNames };
      const wanted = identified(definition, identity);
      const before = known.get(wanted.name);
      const isGone = gone !== undefined && (await before?.catch(() => gone)) === gone;
      // Of several that found it gone, the first one has begun anew by now.
      if (isGone && known.get(wanted.name) === before) known.delete(wanted.name);
      const underWay = known.get(wanted.name);
      if (underWay) return underWay;
      const ensured = findOrCreate(wanted, gone, isOneOfMany);
      if (known.size >= REMEMBERED) known.clear();
      known.set(wanted.name, ensured);
      ensured.catch(() => known.delete(wanted.name));
      return ensured;
    },
  };
}

/** Tasks that are made meanwhile are missing on a page that is a little old: at worst there are twins. */
const GOOD_FOR_MS = 60_000;

function createSharedPages(ask: (offset: number) => Promise<Task[]>): (offset: number) => Promise<Task[]> {
  let pages = new Map<number, Promise<Task[]>>();
  let since = 0;
  return (offset) => {
    if (Date.now() - since > GOOD_FOR_MS) [pages, since] = [new Map(), Date.now()];
    const asked = pages.get(offset);
    if (asked) return asked;
    const asking = ask(offset);
    pages.set(offset, asking);
    asking.catch(() => pages.delete(offset));
    return asking;
  };
}
