import type { TaskDefinition } from '../domain/run.js';
import { identified, serves, type TaskIdentity } from './task-identity.js';
import type { TaskService } from './task-service.js';

export interface TaskEnsurer {
  /**
   * The id of a task with this definition: found by its name, else created. Twins, made by two workers in the same
   * moment, are harmless.
   *
   * @throws TaskServiceError
   */
  ensure(definition: TaskDefinition, secretNames: readonly string[]): Promise<string>;
  /** Makes the next {@link ensure} look again: this task turned out to be gone. */
  forget(taskId: string): Promise<void>;
}

const PAGES = 3;
const PAGE_SIZE = 100;

export function createTaskEnsurer(service: TaskService, instance: string): TaskEnsurer {
  const known = new Map<string, Promise<string>>();

  async function find(definition: TaskDefinition): Promise<string | undefined> {
    let offset = 0;
    for (let page = 0; page < PAGES; page++) {
      const tasks = await service.tasks.list({ limit: PAGE_SIZE, offset });
      const found = tasks.find((task) => serves(task, definition));
      if (found) return found.id;
      // The service may cap the page size below what was asked for: only an empty page is surely the last.
      if (tasks.length === 0) return undefined;
      offset += tasks.length;
    }
    return undefined;
  }

  async function findOrCreate(definition: TaskDefinition): Promise<string> {
    return (await find(definition)) ?? (await service.tasks.create(definition)).id;
  }

  return {
    ensure(definition, secretNames) {
      const identity: TaskIdentity = { instance, secretNames };
      const wanted = identified(definition, identity);
      const underWay = known.get(wanted.name);
      if (underWay) return underWay;
      const ensured = findOrCreate(wanted);
      known.set(wanted.name, ensured);
      ensured.catch(() => known.delete(wanted.name));
      return ensured;
    },
    async forget(taskId) {
      for (const [name, id] of known) {
        if ((await id.catch(() => undefined)) === taskId) known.delete(name);
      }
    },
  };
}
