import type { Json } from '../domain/json.js';
import { orAborted } from '../domain/or-aborted.js';
import { serviceWord } from '../domain/service-word.js';
import { isDefinition, type RunTaskInput, type TaskDefinition } from '../domain/run.js';
import { plainName } from '../task-service/task-identity.js';
import type { TaskService } from '../task-service/task-service.js';
import type { Task } from '../task-service/wire.js';

/** What we need to know of a task. */
export interface KnownTask {
  /** Absent for a definition: its task may not exist yet. */
  readonly id?: string;
  /** As the user gave it, without our mark. */
  readonly name: string;
  readonly schema?: Json;
  readonly executionType?: string;
  /** It can be run no more; what it has run can still be followed. */
  readonly isDeleted?: boolean;
  /** A person has paused it. */
  readonly isPaused?: boolean;
}

/** Tasks as their definitions say, or as the service told of them. */
export interface KnownTasks {
  /**
   * A definition speaks for itself; a task given by id is asked for, unless this process has heard of it within
   * `maxAgeMs`: each request is one that no run can have.
   *
   * @throws TaskServiceError
   */
  find(task: RunTaskInput['task'], maxAgeMs: number, signal: AbortSignal): Promise<KnownTask>;
}

interface Asked {
  readonly answer: Promise<KnownTask>;
  readonly at: number;
}

const REMEMBERED = 1_000;

export function createKnownTasks(service: TaskService): KnownTasks {
  const asked = new Map<string, Asked>();

  /** Whoever asks at the same time shares the answer, so that no one caller's end is the others'. */
  async function ask(taskId: string, maxAgeMs: number): Promise<KnownTask> {
    const before = asked.get(taskId);
    if (before && Date.now() - before.at <= maxAgeMs) return before.answer;
    if (asked.size >= REMEMBERED) asked.clear();
    const answer = service.tasks.get(taskId).then(told);
    asked.set(taskId, { answer, at: Date.now() });
    answer.catch(() => asked.delete(taskId));
    return answer;
  }

  return {
    async find(task, maxAgeMs, signal) {
      if (isDefinition(task)) return defined(task);
      return orAborted(ask(task.id, maxAgeMs), signal);
    },
  };
}

function defined({ name, output_schema: schema, execution_type: executionType }: TaskDefinition): KnownTask {
  return {
    name,
    ...(schema === undefined ? {} : { schema }),
    ...(executionType === undefined ? {} : { executionType: serviceWord(executionType) }),
  };
}

function told({ id, name, status, output_schema: schema, execution_type: executionType }: Task): KnownTask {
  return {
    id,
    name: plainName(name ?? id),
    ...(schema === undefined ? {} : { schema }),
    ...(executionType ? { executionType } : {}),
    ...(status === 'deleted' ? { isDeleted: true } : {}),
    ...(status === 'paused' ? { isPaused: true } : {}),
  };
}

/** Who owns the tables that a run replaces: its pipeline, else its task by name, so that an edited definition stays the owner. */
export function ownerOf(pipeline: string | undefined, task: KnownTask): string {
  return pipeline ?? `task ${task.name}`;
}
