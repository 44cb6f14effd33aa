/**
 * Splits a publication's `table` at its dots. A part that has a dot or a quote in it is written as in SQL:
 * `"prices.2024"`, with `""` for a quote.
 *
 * @returns no parts where quotes are open or stand in the middle
 */
export function splitName(table: string): readonly string[] {
  const parts: string[] = [];
  PART.lastIndex = 0;
  for (;;) {
    const match = PART.exec(table);
    if (match === null) {
      return [];
    }
    parts.push(match[1]?.replaceAll('""', '"') ?? match[3] ?? '');
    if ((match[2] ?? match[4]) !== '.') {
      return parts;
    }
  }
}

/** The same text for every way to write the same name. */
export function joinName(parts: readonly string[]): string {
  return parts.map((part) => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join('.');
}

/** One part and what follows it: quoted, with doubled quotes inside, or plain. */
const PART = /"((?:[^"]|"")*)"(\.|$)|([^".]*)(\.|$)/y;
