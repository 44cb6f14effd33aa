import { cutTo } from './foreign-text.js';

/** Longer lists are cut: whoever wants all looks at what is listed. */
const MOST_LINES = 10;
const LONGEST_LINE_BYTES = 600;
const ITEM = '\n- ';

/** A failure with many reasons: one sentence, and a line for each of the first of them. */
export function sentenceAndList(sentence: string, reasons: readonly string[], more = 0): string {
  const told = reasons.slice(0, MOST_LINES).map((reason) => cutTo(LONGEST_LINE_BYTES, onOneLine(reason)));
  const left = reasons.length - told.length + more;
  return [sentence, ...told, ...(left > 0 ? [`and ${left} more`] : [])].join(ITEM);
}

/** Returns the sentence without its list. */
export function sentenceOf(message: string): string {
  return message.split(ITEM, 1)[0] ?? '';
}

/** Returns the sentence and each line of the list; whatever else breaks a line stays in it. */
export function linesOf(message: string): readonly string[] {
  return message.split(ITEM).map((line, at) => (at === 0 ? line : `- ${line}`));
}

/** The reason may be a sentence with a list of its own: the list is left to whoever looks at that one. */
function onOneLine(reason: string): string {
  return sentenceOf(reason).replaceAll(/\s*\n\s*/gu, ' ');
}
