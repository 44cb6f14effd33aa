import { closestMatch } from 'leven';

const MOST_LISTED = 6;

/** The tail of a message about a name that does not exist: the one that was meant, else all there are if few. */
export function hint(name: string, known: readonly string[]): string {
  // Two slips in a long name are a typo; in a name of three letters they are another name.
  const maxDistance = Math.min(2, Math.floor(name.length / 2));
  const meant = maxDistance > 0 ? closestMatch(name, known, { maxDistance }) : undefined;
  if (meant !== undefined) return `, did you mean ${quote(meant)}?`;
  if (known.length === 0 || known.length > MOST_LISTED) return '';
  return `, known here: ${known.map(quote).join(', ')}`;
}

export function quote(name: string): string {
  return JSON.stringify(name);
}

/** `a, b or c` */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** What a value is, in words. */
export function typeWord(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'a text' : JSON.stringify(value);
}
