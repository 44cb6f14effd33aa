/**
 * Makes a text that somebody else wrote (the service, a store, a proxy in between) fit for a history, a log, a label
 * or a message: secrets are masked, and a text that is too long is cut.
 */
export type ForeignText = (text: string) => string;

/** Most bytes of UTF-8 kept of a foreign text. Temporal itself cuts the failures of pending activities at 4 KiB. */
const LONGEST_BYTES = 2_000;
const MASK = '***';
/** A shorter secret is masked only where it stands alone: within other words it would hide half of a message. */
const SHORTEST_ANYWHERE = 4;

/**
 * @param secrets all that the process knows; empty ones are passed over
 * @param longest in bytes of UTF-8
 */
export function createForeignText(secrets: Iterable<string> = [], longest = LONGEST_BYTES): ForeignText {
  const spellings = [...new Set([...secrets].flatMap(spellingsOf))].filter((spelling) => spelling !== '');
  if (spellings.length === 0) return (text) => cutTo(longest, text);
  // The longest comes first: one secret may be a part of another.
  const patterns = spellings.toSorted((one, other) => other.length - one.length).map(patternOf);
  const secret = new RegExp(patterns.join('|'), 'gu');
  return (text) => cutTo(longest, text.replace(secret, MASK));
}

/** Cuts a foreign text to 2 kB, and says how much was left out. */
export function cutForeign(text: string): string {
  return cutTo(LONGEST_BYTES, text);
}

/** Cuts a text to so many bytes of UTF-8, and says how much was left out. */
export function cutTo(longestBytes: number, text: string): string {
  // A UTF-16 unit has at most three bytes: most texts need not be counted.
  if (text.length * 3 <= longestBytes) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= longestBytes) return text;
  // A character that was cut in the middle is left out.
  const kept = new TextDecoder().decode(bytes.subarray(0, longestBytes)).replace(/\uFFFD$/u, '');
  const left = bytes.length - new TextEncoder().encode(kept).length;
  return `${kept}… (${left} more bytes)`;
}

/** Returns a secret as it is, as JSON holds it, and as a URL does (which cannot hold half of a surrogate pair). */
function spellingsOf(secret: string): string[] {
  const wellFormed = new TextDecoder().decode(new TextEncoder().encode(secret));
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed)];
}

function patternOf(spelling: string): string {
  const literal = spelling.replaceAll(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`);
  return spelling.length >= SHORTEST_ANYWHERE ? literal : String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])`;
}
