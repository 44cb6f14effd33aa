import { ApiError, success } from './envelope.js';
import { listExecutions, listTasks } from './lists.js';
import { readBody, secretNamesIn } from './request-body.js';
import { idOf, type Handler } from './route.js';
import { showExecution, showTask } from './show.js';
import { creationMs, findLiveTask, findTask, scriptOf, startExecution, type State } from './state.js';
import { changeTask, createTask } from './task.js';

/** Routes below `/tasks`. */
export function createTaskRoutes(state: State) {
  const change: Handler = async (context) => {
    const changes = await readBody(context);
    const task = changeTask(findLiveTask(state, idOf(context)), changes, state.now());
    state.tasks.set(task.id, task);
    return success(context, showTask(state, task));
  };

  return {
    'POST /tasks': async (context) => {
      const task = createTask(await readBody(context), state.now(), creationMs(state, context.get('serverMs')));
      const { refuse } = scriptOf(state, task);
      if (refuse) throw new ApiError(refuse.status, refuse.message ?? 'the scenario refuses this task', refuse.code);
      state.tasks.set(task.id, task);
      return success(context, showTask(state, task), 201);
    },
    'GET /tasks': (context) => listTasks(state, context),
    'GET /tasks/:id': (context) => success(context, showTask(state, findTask(state, idOf(context)))),
    'PATCH /tasks/:id': change,
    'PUT /tasks/:id': change,
    'DELETE /tasks/:id': (context) => {
      const task = findLiveTask(state, idOf(context));
      const deleted = { ...task, status: 'deleted', updatedAt: state.now() } as const;
      state.tasks.set(task.id, deleted);
      return success(context, showTask(state, deleted));
    },
    'POST /tasks/:id/run': async (context) => {
      const body = await readBody(context, 'optional');
      const task = findLiveTask(state, idOf(context));
      const execution = startExecution(state, task, secretNamesIn(body), context.get('serverMs'));
      return success(context, showExecution(state, execution), 201);
    },
    'GET /tasks/:id/executions': (context) => listExecutions(state, context, findTask(state, idOf(context)).id),
  } satisfies Record<string, Handler>;
}
