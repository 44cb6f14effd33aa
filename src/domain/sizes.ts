import type { Json } from './json.js';

/** Temporal takes 2 MiB as the input of one workflow or activity: there is room for what we add to it. */
export const LARGEST_INPUT_BYTES = 1_500_000;
/** Limit for one step, whose input is passed on with more around it. */
export const LARGEST_STEP_BYTES = 1_000_000;
/** Limit for steps that wait for nothing and start together: a server takes 4 MiB at once. */
export const LARGEST_START_BYTES = 3_000_000;
/** Room for the ids, headers and names of a step that is started. */
export const BYTES_AROUND_A_STEP = 1_000;
/** Temporal ends a workflow whose history has 50 MiB, and each input stands in it. */
export const LARGEST_RUN_BYTES = 20_000_000;

/** Returns the bytes of a value as JSON in UTF-8; 0 where there is none. */
export function jsonBytes(value: unknown): number {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? 0 : textBytes(text);
}

function textBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Bytes of a value: as a JSON value of its own, and within another text. */
export interface Size {
  readonly alone: number;
  readonly inText: number;
}

export function sizeOf(value: Json): Size {
  const alone = jsonBytes(value);
  return { alone, inText: typeof value === 'string' ? alone - 2 : jsonBytes(JSON.stringify(value)) - 2 };
}
