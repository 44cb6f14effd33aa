import { success } from './envelope.js';
import type { Execution } from './execution.js';
import type { JsonObject } from './json.js';
import { standingOf } from './life.js';
import type { ListDialect } from './list-dialect.js';
import { pageOf } from './list-page.js';
import { parseListQuery, type ListQuery } from './list-query.js';
import type { RouteContext } from './route.js';
import { listedAt, showExecution, showTask, type State } from './state.js';

/** @throws ApiError 400 that names a parameter */
export function listTasks(state: State, context: RouteContext): Response {
  const { lists } = state.scenario();
  const query = parseListQuery(context.req.query(), lists);
  const at = listedAt(state);
  const known = [...state.tasks.values()].filter(({ createdAt }) => createdAt <= at);
  const { items, total } = pageOf(known, query, lists.order, (task) => task);
  const shown = items.map((task) => showTask(state, task));
  return answer(context, lists.shape, shown, total, query);
}

/**
 * Executions as the list shows them: `listLagSeconds` ago.
 *
 * @param ofTask of this task only, whatever the query says
 * @throws ApiError 400 that names a parameter
 */
export function listExecutions(state: State, context: RouteContext, ofTask?: string): Response {
  const { lists } = state.scenario();
  const query = parseListQuery(context.req.query(), lists);
  const at = listedAt(state);
  const taskId = ofTask ?? query.taskId;
  const isKnown = ({ life, task }: Execution): boolean =>
    life.createdAt <= at && (taskId === undefined || task.id === taskId);
  const known = [...state.executions.values()].filter(isKnown);
  const { items, total } = pageOf(known, query, lists.order, ({ life }) => standingOf(life, at));
  const shown = items.map((execution) => showExecution(state, execution, at));
  return answer(context, lists.shape, shown, total, query);
}

function answer(
  context: RouteContext,
  shape: ListDialect['shape'],
  items: readonly JsonObject[],
  total: number,
  { limit, offset }: ListQuery,
): Response {
  const meta = { total, limit, offset };
  if (shape === 'items') return success(context, { items, ...meta });
  if (shape === 'meta') return context.json({ success: true, data: items, meta });
  return success(context, items);
}
