import { cutTo } from './foreign-text.js';

/** The words of the API that we compare: of executions, of tasks, and of how a task runs. */
const WORDS = [
  'queued',
  'running',
  'paused',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'active',
  'deleted',
  'single',
  'scheduled',
];

const KNOWN: ReadonlyMap<string, string> = new Map([
  ...WORDS.map((word) => [squeezed(word), word] as const),
  ['canceled', 'cancelled'],
]);

/** Stands for a status that the service leaves out, or that is no text. */
const NO_WORD = 'unknown';
/** A status is a search attribute too, of at most 255 bytes. */
const LONGEST_WORD_BYTES = 100;

/**
 * Returns the word that is compared: `COMPLETED`, ` Completed-With-Errors ` and `canceled` are spellings of words that the
 * API has. One that it does not have stays as the service wrote it.
 */
export function serviceWord(text: string): string {
  const trimmed = text.trim();
  return KNOWN.get(squeezed(trimmed)) ?? (trimmed === '' ? NO_WORD : cutTo(LONGEST_WORD_BYTES, trimmed));
}

function squeezed(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_-]+/gu, '');
}
