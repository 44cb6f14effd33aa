import { ApiError, success } from './envelope.js';
import { controlLife, momentOf, type Control } from './life.js';
import { listExecutions } from './lists.js';
import { readBody, secretNamesIn } from './request-body.js';
import { idOf, type Handler } from './route.js';
import { showExecution } from './show.js';
import { findExecution, findLiveTask, startExecution, type State } from './state.js';

/** Routes below `/executions`, but for its results. */
export function createExecutionRoutes(state: State) {
  const control =
    (action: Control): Handler =>
    (context) => {
      const execution = findExecution(state, idOf(context));
      const now = state.now();
      const life = controlLife(execution.life, action, now);
      if (!life)
        throw new ApiError(409, `cannot ${action} an execution that is ${momentOf(execution.life, now).status}`);
      const changed = { ...execution, life };
      state.executions.set(changed.id, changed);
      return success(context, showExecution(state, changed));
    };

  return {
    'POST /executions': async (context) => {
      const body = await readBody(context);
      const { task_id: taskId } = body;
      if (typeof taskId !== 'string') throw new ApiError(400, 'task_id: must be the id of a task');
      const task = findLiveTask(state, taskId);
      const execution = startExecution(state, task, secretNamesIn(body), context.get('serverMs'));
      return success(context, showExecution(state, execution), 201);
    },
    'GET /executions': (context) => listExecutions(state, context),
    'GET /executions/:id': (context) => success(context, showExecution(state, findExecution(state, idOf(context)))),
    'POST /executions/:id/pause': control('pause'),
    'POST /executions/:id/resume': control('resume'),
    'POST /executions/:id/stop': control('stop'),
  } satisfies Record<string, Handler>;
}
