/** Text as a literal of Temporal's list filters, whatever is in it. */
export function filterText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
