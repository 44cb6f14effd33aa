import { writtenTime } from './clock.js';
import { executionView, type Execution } from './execution.js';
import type { JsonObject } from './json.js';
import { serviceTime, type State } from './state.js';
import { taskView, type Task } from './task.js';

const TIMES = ['created_at', 'updated_at', 'started_at', 'finished_at'];
const IDS: ReadonlySet<string> = new Set(['id', 'task_id']);

/** Ids in lists may be written otherwise. */
type Place = 'alone' | 'list';

/** An execution as the API shows it at `at`. */
export function showExecution(state: State, execution: Execution, at = state.now(), place: Place = 'alone') {
  const { statusShown, createdShown } = execution.odd ?? {};
  const view: JsonObject = {
    ...executionView(execution, at, (time) => timeOf(state, time, execution.clockMs)),
    ...(statusShown === undefined ? {} : { status: statusShown }),
    ...(createdShown === undefined ? {} : { created_at: createdShown }),
  };
  return shown(state, view, place);
}

export function showTask(state: State, task: Task, place: Place = 'alone'): JsonObject {
  return shown(
    state,
    taskView(task, (time) => timeOf(state, time, task.clockMs)),
    place,
  );
}

/** A moment as the API writes it. @param clockMs how far the clock was ahead that it was taken from */
export function timeOf(state: State, at: number, clockMs: number): string | number {
  return writtenTime(state.scenario().clock, serviceTime(state, at) + clockMs);
}

function shown(state: State, view: JsonObject, place: Place): JsonObject {
  const { timestamps, hidden, statusCase, idCase } = state.scenario();
  const without = timestamps ? hidden : [...TIMES, ...hidden];
  const caseOf = (field: string): 'lower' | 'upper' | undefined => {
    if (field === 'status') return statusCase;
    return place === 'list' && IDS.has(field) ? idCase : undefined;
  };
  if (without.length === 0 && !statusCase && !idCase) return view;
  const kept = Object.entries(view).filter(([field]) => !without.includes(field));
  return Object.fromEntries(kept.map(([field, value]) => [field, inCase(value, caseOf(field))]));
}

function inCase<Value>(value: Value, wanted: 'lower' | 'upper' | undefined): Value | string {
  if (typeof value !== 'string' || !wanted) return value;
  return wanted === 'upper' ? value.toUpperCase() : value.toLowerCase();
}
