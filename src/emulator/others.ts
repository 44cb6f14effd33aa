import { createHash } from 'node:crypto';
import { drawMs } from './duration.js';
import { createExecution, type Execution } from './execution.js';
import { scriptOf, type State } from './state.js';
import type { Task } from './task.js';

const OFTEN_MS = 1000;

/** Tasks that other people have in the same account, newest last. They are given as they were created `createdAt`. */
export function othersTasks(state: State, age: 'older' | 'newer', count: number, createdAt: number): Task[] {
  return Array.from({ length: count }, (_, index) => {
    const task = othersTask(state, `${age} task ${index + 1}`, createdAt);
    state.others.set(task.id, task);
    return task;
  });
}

/**
 * Executions that others have started by `at`, oldest first: one begins every second, and of those the last so many are
 * given. Nobody here has called for them, so the ledger does not know them.
 */
export function strangersAt(state: State, count: number, at: number): Execution[] {
  const task = othersTask(state, 'task', state.startedAt);
  state.others.set(task.id, task);
  const newest = Math.floor(at / OFTEN_MS);
  return Array.from({ length: count }, (_, index) => strangerOf(state, task, newest - count + 1 + index));
}

function strangerOf(state: State, task: Task, tick: number): Execution {
  const id = idOf(state, `execution ${tick}`);
  const known = state.executions.get(id);
  if (known) return known;
  const script = scriptOf(state, task);
  const execution = createExecution(task, script, drawMs(script.seconds, state.lots), [], tick * OFTEN_MS, 0);
  const stranger = { ...execution, id, isStranger: true };
  state.executions.set(id, stranger);
  return stranger;
}

function othersTask(state: State, name: string, createdAt: number): Task {
  const definition = {
    name: `Somebody's ${name}`,
    urls: ['https://example.com/'],
    objective: 'Something else',
    execution_type: 'single',
  };
  return { id: idOf(state, name), definition, status: 'active', createdAt, updatedAt: createdAt, clockMs: 0 };
}

/** The same id for the same name, as long as this emulator lives. */
function idOf({ origin }: State, name: string): string {
  const digest = createHash('sha256').update(`${origin} ${name}`).digest('hex');
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
