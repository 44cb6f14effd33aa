import { loadClientConfig, loadInstance, loadForeignText, loadTitanConfig } from '../../config.js';
import { isDefinition, type TaskDefinition } from '../../domain/run.js';
import type { Json } from '../../domain/json.js';
import { orAborted } from '../../domain/or-aborted.js';
import { createBudget } from '../../task-service/budget/budget.js';
import { createTaskBook } from '../../task-service/task-book.js';
import { identified } from '../../task-service/task-identity.js';
import { createTaskService, type TaskService } from '../../task-service/task-service.js';
import { UserError } from '../../user-error.js';
import { withClient } from '../connect.js';
import type { StepOutline, TaskOutline } from './plan-steps.js';

/** Which task a step runs. */
export interface PlannedTask {
  /** As the service calls it: with our mark, where the definition is known. */
  readonly name: string;
  readonly state: 'found' | 'new' | 'new each time' | 'not looked';
  readonly taskId?: string;
  /** What the task's own `output_schema` says, where it was asked for. */
  readonly schema?: Json;
}

export interface TaskLook {
  readonly tasks: ReadonlyMap<string, PlannedTask>;
  /** Why nobody was asked. */
  readonly notLooked?: string;
}

const TIMEOUT_MS = 10_000;

/** Looks for the tasks of all steps: reads only. Without token, service or Temporal (which says who we are) nobody is asked. */
export async function lookForTasks(steps: readonly StepOutline[]): Promise<TaskLook> {
  try {
    const config = loadTitanConfig();
    const instance = loadInstance() ?? (await namespaceId());
    const service = createTaskService({
      ...config,
      budget: createBudget({ limit: config.requestsPerMinute }),
      foreignText: loadForeignText(),
      timeoutMs: TIMEOUT_MS,
    });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const book = createTaskBook(service, instance);
    const plan = async (name: string, task: TaskOutline): Promise<[string, PlannedTask]> => {
      const { definition } = task;
      if (!isDefinition(definition)) return [name, await given(service, definition.id, signal)];
      if (task.isNewEachTime) return [name, { name: definition.name, state: 'new each time' }];
      const wanted = identified(definition, { instance, secretNames: task.secretNames });
      const found = await orAborted(book.find(wanted, { mayBeOld: true }), signal);
      return [
        name,
        found ? { name: wanted.name, state: 'found', taskId: found.id } : { name: wanted.name, state: 'new' },
      ];
    };
    return { tasks: new Map(await Promise.all(tasksOf(steps).map(([name, task]) => plan(name, task)))) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const tasks = tasksOf(steps).map(([name, task]): [string, PlannedTask] => [name, unasked(task)]);
    return { tasks: new Map(tasks), notLooked: reason.split('\n').join('; ') };
  }
}

function tasksOf(steps: readonly StepOutline[]): [string, TaskOutline][] {
  return steps.flatMap(({ name, task }): [string, TaskOutline][] => (task === undefined ? [] : [[name, task]]));
}

async function given(service: TaskService, taskId: string, signal: AbortSignal): Promise<PlannedTask> {
  const { name, output_schema: schema, status } = await service.tasks.get(taskId, signal);
  if (status === 'deleted') throw new UserError(1, `task ${taskId} was deleted`);
  return { name: name ?? taskId, state: 'found', taskId, ...(schema === undefined ? {} : { schema }) };
}

function unasked({ definition, isNewEachTime }: TaskOutline): PlannedTask {
  const name = isDefinition(definition) ? definition.name : definition.id;
  return { name, state: isNewEachTime ? 'new each time' : 'not looked' };
}

async function namespaceId(): Promise<string> {
  return withClient(loadClientConfig(), async (client) => {
    const { namespace } = client.options;
    const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace });
    return namespaceInfo?.id ?? namespace;
  });
}

/** The schema of a step's rows, wherever it stands. */
export function schemaOf(step: StepOutline, task: PlannedTask | undefined): Json | undefined {
  const definition: { readonly id: string } | TaskDefinition | undefined = step.task?.definition;
  return definition !== undefined && isDefinition(definition) ? definition.output_schema : task?.schema;
}
