import type { TaskDefinition } from '../domain/run.js';
import { identified, serves, type TaskIdentity } from './task-identity.js';
import type { TaskService } from './task-service.js';
import type { Task } from './wire.js';

export interface TaskEnsurer {
  /**
   * The id of a task with this definition: found by its name, else created. Twins, made by two workers in the same
   * moment, are harmless: all who look find the same one of them.
   *
   * @param gone a task that cannot be run any more, although it was found before
   * @throws TaskServiceError
   */
  ensure(definition: TaskDefinition, secretNames: readonly string[], gone?: string): Promise<string>;
}

const PAGES = 3;
const PAGE_SIZE = 100;

export function createTaskEnsurer(service: TaskService, instance: string): TaskEnsurer {
  const known = new Map<string, Promise<string>>();

  async function find(definition: TaskDefinition, gone?: string): Promise<string | undefined> {
    const serving: Task[] = [];
    let offset = 0;
    for (let page = 0; page < PAGES; page++) {
      const tasks = await service.tasks.list({ limit: PAGE_SIZE, offset });
      serving.push(...tasks.filter((task) => task.id !== gone && serves(task, definition)));
      // The service may cap the page size below what was asked for: only an empty page is surely the last.
      if (serving.length > 0 || tasks.length === 0) break;
      offset += tasks.length;
    }
    return serving.map(({ id }) => id).toSorted()[0];
  }

  async function findOrCreate(definition: TaskDefinition, gone?: string): Promise<string> {
    return (await find(definition, gone)) ?? (await service.tasks.create(definition)).id;
  }

  return {
    async ensure(definition, secretNames, gone) {
      const identity: TaskIdentity = { instance, secretNames };
      const wanted = identified(definition, identity);
      const before = known.get(wanted.name);
      const isGone = gone !== undefined && (await before?.catch(() => gone)) === gone;
      // Of several that found it gone, the first one has begun anew by now.
      if (isGone && known.get(wanted.name) === before) known.delete(wanted.name);
      const underWay = known.get(wanted.name);
      if (underWay) return underWay;
      const ensured = findOrCreate(wanted, gone);
      known.set(wanted.name, ensured);
      ensured.catch(() => known.delete(wanted.name));
      return ensured;
    },
  };
}
