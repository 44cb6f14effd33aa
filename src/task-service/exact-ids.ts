/** Numbers of fewer digits keep all of them. */
const MAY_BE_LONG = /:\s*-?\d{16}/;
const TEXTS_AND_LONG_MEMBERS = /"([^"\\]*(?:\\.[^"\\]*)*)"(?:(\s*:\s*)(-?\d{16,})(?![\d.eE]))?/g;
const NAME_OF_ID = /(?:^|[_-])id$|I[dD]$/;

/**
 * Returns an answer in which the ids that are long numbers are texts, so that none of their digits is lost when it is parsed:
 * `{"id":9007199254740993}` becomes `{"id":"9007199254740993"}`.
 *
 * @param json what should be JSON
 */
export function withExactIds(json: string): string {
  if (!MAY_BE_LONG.test(json)) return json;
  return json.replaceAll(TEXTS_AND_LONG_MEMBERS, (all: string, name: string, colon?: string, digits?: string) =>
    colon !== undefined && digits !== undefined && NAME_OF_ID.test(name) ? `"${name}"${colon}"${digits}"` : all,
  );
}
