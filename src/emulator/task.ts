import { randomUUID } from 'node:crypto';
import { ApiError } from './envelope.js';
import type { JsonObject } from './json.js';
import { checkDefinition } from './task-definition.js';

/** A saved task; times are Unix milliseconds. */
export interface Task {
  readonly id: string;
  /** What was sent, unknown fields too. */
  readonly definition: JsonObject;
  /** A deleted task can still be read and listed. */
  readonly status: 'active' | 'paused' | 'deleted';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How far ahead the clock was that its times are taken from, in milliseconds. */
  readonly clockMs: number;
}

/** @throws ApiError 400 that names every wrong field */
export function createTask(body: JsonObject, now: number, clockMs: number): Task {
  const definition = withoutOwnFields(body);
  checkDefinition(definition);
  return { id: randomUUID(), definition, status: 'active', createdAt: now, updatedAt: now, clockMs };
}

/**
 * The task with the given fields changed; the others stay. `status` may be `active` or `paused`.
 *
 * @throws ApiError 400 that names every wrong field
 */
export function changeTask(task: Task, changes: JsonObject, now: number): Task {
  const definition = { ...task.definition, ...withoutOwnFields(changes) };
  checkDefinition(definition);
  const status = changes['status'] ?? task.status;
  if (status !== 'active' && status !== 'paused') throw new ApiError(400, 'status: must be active or paused');
  return { ...task, definition, status, updatedAt: now };
}

export function nameOf(task: Task): string {
  const { name } = task.definition;
  return typeof name === 'string' ? name : '';
}

/** The task as the API returns it. */
export function taskView(task: Task, timeOf: (at: number) => string | number): JsonObject {
  return {
    ...task.definition,
    id: task.id,
    status: task.status,
    created_at: timeOf(task.createdAt),
    updated_at: timeOf(task.updatedAt),
  };
}

/** What the service itself sets is not part of a definition, even when it is sent back. */
function withoutOwnFields(body: JsonObject): JsonObject {
  const { id: _id, status: _status, created_at: _createdAt, updated_at: _updatedAt, ...definition } = body;
  return definition;
}
