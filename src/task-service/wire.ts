import { z } from 'zod';
import { readTime } from './read-time.js';
import { serviceWord } from '../domain/service-word.js';

/** Ids are UUIDs in every example; a number would be as good. */
const id = z.union([z.string().min(1), z.number().transform(String)]);
const text = z.string().nullish();
/** A value that is no text still becomes a word, so that nothing else is lost. */
const word = z.string().catch('').transform(serviceWord);
/** A value that is no time is read as none, so that the task or the execution is not lost. */
const time = z.union([z.string(), z.number()]).nullish().catch(undefined);

/** A task as returned. Certain: id, status, created_at, updated_at; the rest echoes what was sent. Unknown fields are kept. */
export const taskSchema = z.looseObject({
  id,
  /** If it is missing, the task can be run. */
  status: word.nullish().catch(null),
  name: text.catch(null),
  execution_type: word.nullish().catch(null),
  output_schema: z.json().optional(),
  created_at: time,
});

export type Task = z.infer<typeof taskSchema>;

/**
 * The vendor's ExecutionResponse. Certain: id and status; the rest may be missing. Unknown fields are kept. Only an id is
 * needed: one field that cannot be read must not hide an execution that is paid for.
 */
export const executionSchema = z.looseObject({
  id,
  status: word,
  task_id: id.nullish().catch(null),
  created_at: time,
  updated_at: time,
  finished_at: time,
  error: z.unknown().optional(),
  error_message: text.catch(null),
});

export type Execution = z.infer<typeof executionSchema>;

/** When an execution or a task was created, RFC 3339 in UTC; undefined if the service does not say. */
export function createdAt({ created_at: value }: Pick<Execution, 'created_at'>): string | undefined {
  return isoTime(value);
}

/** When an execution was last changed, the same way. */
export function updatedAt({ updated_at: value }: Execution): string | undefined {
  return isoTime(value);
}

/** When an execution ended, the same way: its last change was that, where the service has no word for it. */
export function endedAt({ finished_at: value, ...execution }: Execution): string | undefined {
  return isoTime(value) ?? updatedAt(execution);
}

function isoTime(value: unknown): string | undefined {
  const time = readTime(value);
  return time === undefined ? undefined : new Date(time).toISOString();
}

const nestedError = z.looseObject({ message: z.string().min(1) });

/** Why an execution ended badly, in the service's words, wherever it put them. */
export function errorText(execution: Execution): string | undefined {
  const { error } = execution;
  if (typeof error === 'string' && error !== '') return error;
  if (typeof error !== 'object' || error === null) return execution.error_message ?? undefined;
  const nested = nestedError.safeParse(error);
  return nested.success ? nested.data.message : (execution.error_message ?? undefined);
}

/** A page has a hundred, as a rule. Checking millions of them would keep the process from all else. */
const MOST_ELEMENTS = 50_000;
const LIST_KEYS = ['items', 'executions', 'tasks', 'results', 'data', 'records', 'rows'];

/**
 * The elements of a list answer, whose shape no page shows: a bare array in `data`, or an object that holds one.
 * Undefined = no list was found in it, or one that is too long to be read.
 */
export function readList<Item>(data: unknown, item: z.ZodType<Item>): Item[] | undefined {
  const elements = Array.isArray(data) ? data : listInside(data);
  if (elements === undefined || elements.length > MOST_ELEMENTS) return undefined;
  return elements.flatMap((element: unknown) => {
    const parsed = item.safeParse(element);
    return parsed.success ? [parsed.data] : [];
  });
}

function listInside(data: unknown): unknown[] | undefined {
  const object = z.record(z.string(), z.unknown()).safeParse(data);
  if (!object.success) return undefined;
  const named = LIST_KEYS.map((key) => object.data[key]).find((value) => Array.isArray(value));
  return Array.isArray(named) ? named : undefined;
}
