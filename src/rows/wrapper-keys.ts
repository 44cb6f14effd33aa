/** Keys under which an object may hold the array of its rows. */
export const WRAPPER_KEYS: ReadonlySet<string> = new Set(['data', 'items', 'results', 'records', 'rows']);
