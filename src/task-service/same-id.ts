const UUID = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/iu;

/** Returns the form in which ids are compared: a UUID may have capitals or lack hyphens; other ids must be equal. */
export function idKey(id: string): string {
  return UUID.test(id) ? id.toLowerCase().replaceAll(/[-{}]/gu, '') : id;
}

/** Whether an answer to a question about one id is about it: there only the spelling can differ. */
export function isSpellingOf(answered: string, asked: string): boolean {
  return idKey(answered) === idKey(asked) || answered.toLowerCase() === asked.toLowerCase();
}

/** Returns an id as services write it that show nothing odd: lower case, a UUID with its hyphens. */
export function plainSpelling(id: string): string {
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/u.exec(UUID.test(id) ? idKey(id) : '')?.slice(1);
  return parts?.join('-') ?? id.toLowerCase();
}

/** Returns the spellings under which an id may have been noted before, its own first. */
export function spellingsOf(id: string): readonly string[] {
  const plain = plainSpelling(id);
  return [...new Set(UUID.test(id) ? [id, plain, plain.toUpperCase()] : [id, plain])];
}
