const UUID = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/iu;

/** Returns what ids are compared by: a UUID is the same in capitals, with and without hyphens; of other ids we know nothing. */
export function idKey(id: string): string {
  return UUID.test(id) ? id.toLowerCase().replaceAll(/[-{}]/gu, '') : id;
}

/** Whether an answer to a question about one id is about it: there only the spelling can differ. */
export function isSpellingOf(answered: string, asked: string): boolean {
  return idKey(answered) === idKey(asked) || answered.toLowerCase() === asked.toLowerCase();
}
