import { createHash } from 'node:crypto';
import type { Json } from '../domain/json.js';
import { isJsonObject } from '../domain/json.js';
import type { TaskDefinition } from '../domain/run.js';
import { isSpellingOf } from './same-id.js';
import type { Execution, Task } from './wire.js';

export interface TaskIdentity {
  /** `TITANFLOW_INSTANCE`: two installations on one account never share a task. */
  readonly instance: string;
  /** Names of the secrets that a run sends: runs that send different ones are not interchangeable. */
  readonly secretNames: readonly string[];
}

const MARK = / \[tf ([0-9a-f]{6})[0-9a-f]{10}\]$/;

/**
 * The definition under the name by which any worker finds it again: `Scrape products [tf 1f3a9c2e88d0417b]`. The first
 * six digits tell whose task it is, all of them which one.
 */
export function identified(definition: TaskDefinition, identity: TaskIdentity): TaskDefinition {
  const content = canonical([definition, identity.instance, identity.secretNames.toSorted()]);
  const mark = `${instanceDigits(identity.instance)}${hash(content).slice(0, 10)}`;
  return { ...definition, name: `${definition.name} [tf ${mark}]` };
}

/** Whether a task of this name was made by that installation. A name without our mark is nobody's. */
export function isOfInstance(name: string, instance: string): boolean {
  return MARK.exec(name)?.[1] === instanceDigits(instance);
}

/** A task's name without our mark. */
export function plainName(name: string): string {
  return name.replace(MARK, '');
}

/**
 * Whether an execution says that it is of another task than the one that was asked for. To take one for another's means
 * that it is paid again.
 */
export function isOfOtherTask({ task_id: shown }: Pick<Execution, 'task_id'>, taskId: string): boolean {
  return typeof shown === 'string' && !isSpellingOf(shown, taskId);
}

/** A task of ours, as it is remembered. */
export interface SeenTask {
  readonly id: string;
  readonly name: string;
  readonly isPaused: boolean;
  /** Whether it is neither deleted nor over. */
  readonly isUsable: boolean;
  /** Digests of the fields that the service echoes. */
  readonly echoed: ReadonlyMap<string, string>;
  /** When it was seen, in milliseconds of a clock that is never set. */
  readonly seenAt: number;
}

export function seenTask(task: Task, name: string, seenAt: number): SeenTask {
  const { id, status } = task;
  const shown = Object.entries(task).filter(([, value]) => value !== undefined && value !== null);
  const echoed = new Map(shown.map(([key, value]) => [key, digest(JSON.parse(JSON.stringify(value)))]));
  const isPaused = status === 'paused';
  return { id, name, isPaused, isUsable: isPaused || (status ?? 'active') === 'active', echoed, seenAt };
}

/** Whether a task is usable, though it may be paused, and has, where the service echoes them, a definition's fields. */
export function serves({ name, isUsable, echoed }: SeenTask, definition: TaskDefinition): boolean {
  if (name !== definition.name || !isUsable) return false;
  return Object.entries(definition).every(([key, wanted]) => {
    const got = echoed.get(key);
    return got === undefined || wanted === undefined || got === digest(wanted);
  });
}

function instanceDigits(instance: string): string {
  return hash(instance).slice(0, 6);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function digest(value: Json): string {
  return hash(canonical(value)).slice(0, 16);
}

/** JSON with sorted keys: equal definitions have equal texts. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_, item: Json) =>
    isJsonObject(item) ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}
