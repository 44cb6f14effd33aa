const BACKSLASH = 0x5c;

/** Index after the closing quote of the JSON string that opens at `from`. */
export function stringEnd(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslash = at;
  while (text.charCodeAt(backslash - 1) === BACKSLASH) backslash -= 1;
  return (at - backslash) % 2 === 1;
}
