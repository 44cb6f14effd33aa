import { readThrough, type Listing } from './read-through.js';
import { isUnknownToService } from './service-facts.js';
import { isOfInstance, plainName } from './task-identity.js';
import type { TaskService } from './task-service.js';
import type { Task } from './wire.js';

/** A task that this installation has made from a definition. */
export interface OwnTask {
  readonly id: string;
  /** As the user gave it, without our mark. */
  readonly name: string;
}

/** Tells which tasks are this installation's: their names carry its mark, and are never changed. */
export interface OwnTasks {
  /** Undefined: it is another installation's, nobody's, or gone. Each task is asked for once. @throws TaskServiceError */
  find(taskId: string, signal: AbortSignal): Promise<OwnTask | undefined>;
  /** @throws TaskServiceError */
  list(signal: AbortSignal): Promise<Listing<OwnTask>>;
}

const PAGES = 10;
const REMEMBERED = 20_000;

export function createOwnTasks(service: TaskService, instance: string): OwnTasks {
  const known = new Map<string, OwnTask | undefined>();

  function own({ id, name }: Task): OwnTask | undefined {
    return name && isOfInstance(name, instance) ? { id, name: plainName(name) } : undefined;
  }

  return {
    async find(taskId, signal) {
      if (known.has(taskId)) return known.get(taskId);
      const task = await existing(service, taskId, signal);
      if (!task) return undefined;
      if (known.size >= REMEMBERED) known.clear();
      known.set(taskId, own(task));
      return known.get(taskId);
    },
    async list(signal) {
      const listing = await readThrough({ list: (page) => service.tasks.list(page, signal), mostPages: PAGES });
      if (!listing) return { items: [], isComplete: false };
      return { items: listing.items.flatMap((task) => own(task) ?? []), isComplete: listing.isComplete };
    },
  };
}

async function existing(service: TaskService, taskId: string, signal: AbortSignal): Promise<Task | undefined> {
  try {
    return await service.tasks.get(taskId, signal);
  } catch (error) {
    if (isUnknownToService(error)) return undefined;
    throw error;
  }
}
