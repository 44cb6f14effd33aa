import type { BatchValue } from './batches.js';
import type { PassedOver } from './pipeline.js';
import { BATCH } from './references.js';
import type { TaskDefinition } from './run.js';

const VALUES_SHOWN = 3;
const LONGEST_SHOWN = 24;

/** Decides which values of a step are worth an execution. */
export interface UsableValues {
  /** @returns the value as it is bought; undefined where it is passed over, which is counted */
  take(value: BatchValue): BatchValue | undefined;
  /** @returns undefined: none */
  passedOver(): PassedOver | undefined;
}

/** A task that wants URLs gets nothing but URLs, without the blanks around them. Other tasks get every value as it is. */
export function createUsableValues(task: TaskDefinition): UsableValues {
  const wantsUrls = task['urls'] === BATCH;
  const values: string[] = [];
  let count = 0;
  return {
    take(value) {
      if (!wantsUrls) return value;
      const text = String(value).trim();
      if (isUrl(text)) return text;
      count += 1;
      if (values.length < VALUES_SHOWN) values.push(cut(text));
      return undefined;
    },
    passedOver: () => (count === 0 ? undefined : { count, values }),
  };
}

/** What makes two values one: blanks around a text do not. */
export function sameness(value: BatchValue): BatchValue {
  return typeof value === 'string' ? value.trim() : value;
}

function isUrl(text: string): boolean {
  if (!/^https?:\/\//iu.test(text) || /\s/u.test(text)) return false;
  try {
    return new URL(text).hostname !== '';
  } catch {
    return false;
  }
}

/** A value is somebody's data: no more of it is kept than tells what it is. */
function cut(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ');
  if (line.length <= LONGEST_SHOWN) return line;
  // Half of a pair is no character.
  return `${line.slice(0, LONGEST_SHOWN).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
