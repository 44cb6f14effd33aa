import type { Json } from '../domain/json.js';
import { isDefinition, type RunTaskInput } from '../domain/run.js';
import { plainName } from '../task-service/task-identity.js';
import type { TaskService } from '../task-service/task-service.js';

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
}

/** A definition speaks for itself; a task given by id is asked. */
export async function knownTask(
  service: TaskService,
  task: RunTaskInput['task'],
  signal: AbortSignal,
): Promise<KnownTask> {
  if (isDefinition(task)) {
    const { name, output_schema: schema, execution_type: executionType } = task;
    return {
      name,
      ...(schema === undefined ? {} : { schema }),
      ...(executionType === undefined ? {} : { executionType }),
    };
  }
  const found = await service.tasks.get(task.id, signal);
  return {
    id: found.id,
    name: plainName(found.name ?? found.id),
    ...(found.output_schema === undefined ? {} : { schema: found.output_schema }),
    ...(found.execution_type ? { executionType: found.execution_type } : {}),
    ...(found.status === 'deleted' ? { isDeleted: true } : {}),
  };
}

/** Who owns the tables that a run replaces: its pipeline, else its task by name, so that an edited definition stays the owner. */
export function ownerOf(pipeline: string | undefined, task: KnownTask): string {
  return pipeline ?? `task ${task.name}`;
}
