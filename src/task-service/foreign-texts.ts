import type { ForeignText } from '../domain/foreign-text.js';
import type { JsonObject } from '../domain/json.js';
import { errorText, type Execution, type Task } from './wire.js';

/** An execution whose texts are fit to be shown. Of its error only the text is kept. */
export function readableExecution(execution: Execution, foreignText: ForeignText): Execution {
  const { error: _whole, error_message: _text, ...rest } = execution;
  const error = errorText(execution);
  return { ...rest, status: foreignText(rest.status), ...(error === undefined ? {} : { error: foreignText(error) }) };
}

/** Its name stays as it is: tasks are found by it. */
export function readableTask(task: Task, foreignText: ForeignText): Task {
  return typeof task.status === 'string' ? { ...task, status: foreignText(task.status) } : task;
}

const TELLING = /status|state|ready|available|exist|has_|format|count|total|size|bytes|rows|records|_at$/i;
const MOST_TOLD = 8;
const LONGEST_TOLD = 80;

/**
 * Tells in a few words what the service says of an execution's results. Field names are not documented: plain values of
 * telling names are taken, and nothing that may be data of a row.
 */
export function describeResults(metadata: JsonObject, foreignText: ForeignText): string {
  return Object.entries(metadata)
    .flatMap(([name, value]) => {
      const isTelling = TELLING.test(name) && name.length <= LONGEST_TOLD && isPlain(value);
      return isTelling ? [foreignText(`${name} = ${String(value)}`)] : [];
    })
    .slice(0, MOST_TOLD)
    .join(', ');
}

function isPlain(value: JsonObject[string]): value is string | boolean | number | null {
  if (typeof value === 'string') return value.length <= LONGEST_TOLD;
  return typeof value === 'boolean' || typeof value === 'number' || value === null;
}
