import type { TaskDefinition } from '../domain/run.js';
import { createTaskBook } from './task-book.js';
import { identified, type TaskIdentity } from './task-identity.js';
import { TaskPausedError, TaskServiceError } from './task-service-error.js';
import type { TaskService } from './task-service.js';

export interface TaskEnsurer {
  /**
   * The id of a task with this definition: found by its name, else created. Twins, made by two workers in the same
   * moment, are harmless: all who look find the same one of them.
   *
   * @param gone a task that cannot be run any more, although it was found before
   * @param isOneOfMany then what the service lists is asked for once in a while only, for all of them
   * @throws TaskServiceError
   * @throws TaskPausedError if a person has paused the task
   */
  ensure(
    definition: TaskDefinition,
    secretNames: readonly string[],
    gone?: string,
    isOneOfMany?: boolean,
  ): Promise<string>;
}

const REMEMBERED = 20_000;

export function createTaskEnsurer(service: TaskService, instance: string): TaskEnsurer {
  const known = new Map<string, Promise<string>>();
  /** Names under which a task may have been made, although nobody said so. */
  const inDoubt = new Set<string>();
  const book = createTaskBook(service, instance);

  async function findOrCreate(definition: TaskDefinition, gone?: string, isOneOfMany = false): Promise<string> {
    // A page that was read before does not show tasks that were made since.
    const isInDoubt = inDoubt.has(definition.name);
    const mayBeOld = isOneOfMany && gone === undefined && !isInDoubt;
    const found = await book.find(definition, { mayBeOld, isInDoubt, ...(gone === undefined ? {} : { gone }) });
    if (found?.isPaused === true) throw new TaskPausedError(found.id);
    return found?.id ?? create(definition);
  }

  async function create(definition: TaskDefinition): Promise<string> {
    const { name } = definition;
    try {
      const task = await service.tasks.create(definition);
      inDoubt.delete(name);
      // The answer need not repeat the name.
      book.add({ ...task, name });
      return task.id;
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
