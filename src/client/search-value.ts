/** A text as a value in a query of Temporal's list of workflows, whatever is in it. */
export function searchValue(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
