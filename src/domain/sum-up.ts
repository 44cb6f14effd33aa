import { cutTo } from './foreign-text.js';

const TOLD = 10;
const LONGEST_BYTES = 4_000;

/** Joins reasons into one text that stays small, however many there are and however long they are. */
export function sumUp(reasons: readonly string[]): string {
  const told = reasons.slice(0, TOLD);
  const more = reasons.length - told.length;
  const texts = told.map((reason) => cutTo(Math.floor(LONGEST_BYTES / told.length), reason));
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
