import { success } from './envelope.js';
import type { Execution } from './execution.js';
import type { JsonObject } from './json.js';
import { standingOf } from './life.js';
import type { ListDialect } from './list-dialect.js';
import { pageOf } from './list-page.js';
import { parseListQuery, type ListQuery } from './list-query.js';
import type { RouteContext } from './route.js';
import { othersTasks, strangersAt } from './others.js';
import { showExecution, showTask } from './show.js';
import { knownId, listedAt, type State } from './state.js';

/** @throws ApiError 400 that names a parameter */
export function listTasks(state: State, context: RouteContext): Response {
  const { lists, olderTasks, newerTasks } = state.scenario();
  const query = parseListQuery(context.req.query(), lists);
  const at = listedAt(state);
  const own = [...state.tasks.values()].filter(({ createdAt }) => createdAt <= at);
  const older = othersTasks(state, 'older', olderTasks, state.startedAt);
  const known = [...older, ...own, ...othersTasks(state, 'newer', newerTasks, at)];
  const { items, total } = pageOf(known, query, lists.order, (task) => task);
  const shown = items.map((task) => showTask(state, task, 'list'));
  return answer(context, lists.shape, shown, total, query);
}

/**
 * Executions as the list shows them: `listLagSeconds` ago.
 *
 * @param ofTask of this task only, whatever the query says
 * @throws ApiError 400 that names a parameter
 */
export function listExecutions(state: State, context: RouteContext, ofTask?: string): Response {
  const { lists, statusCase } = state.scenario();
  const asked = parseListQuery(context.req.query(), lists);
  const query = statusCase && asked.status !== undefined ? { ...asked, status: asked.status.toLowerCase() } : asked;
  const at = listedAt(state);
  const known = knownExecutions(state, ofTask ?? query.taskId, at);
  const { items, total } = pageOf(known, query, lists.order, ({ life }) => standingOf(life, at));
  const shown = items.map((execution) => showExecution(state, execution, at, 'list'));
  return answer(context, lists.shape, shown, total, query);
}

/** Returns all executions that a list may show, oldest first. */
function knownExecutions(state: State, taskId: string | undefined, at: number): readonly Execution[] {
  const wanted = taskId === undefined ? undefined : knownId(state, taskId);
  const own = [...state.executions.values()].filter(
    ({ life, task, isStranger, odd }) =>
      !isStranger && !odd?.unlisted && life.createdAt <= at && (wanted === undefined || task.id === wanted),
  );
  const { strangers } = state.scenario();
  if (strangers === 0) return own;
  const all = [...own, ...strangersAt(state, strangers, at)];
  return all.toSorted((left, right) => left.life.createdAt - right.life.createdAt);
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
