import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { listOf, objectOf } from './rules.js';

/** `merge` needs a key, and only `merge` has one. */
export function publicationRule(publication: unknown): readonly Finding[] {
  const { mode, key } = objectOf(publication);
  if (mode === 'merge' && key === undefined) {
    return [{ path: [], message: 'mode "merge" needs a "key": the columns that identify a row' }];
  }
  if ((mode === 'append' || mode === 'replace') && key !== undefined) {
    return [{ path: ['key'], message: `"key" goes with mode "merge" only, not with "${mode}"` }];
  }
  return [];
}

/** One run publishes to a table once: the receipt that guards against loading twice is kept per run and table. */
export function publishRule(publish: unknown): readonly Finding[] {
  const first = new Map<string, number>();
  return listOf(publish).flatMap((publication, index) => {
    const { store, table } = objectOf(publication);
    if (typeof store !== 'string' || typeof table !== 'string') return [];
    const target = JSON.stringify([store, table]);
    const before = first.get(target);
    if (before === undefined) {
      first.set(target, index);
      return [];
    }
    const message = `publishes to table ${quote(table)} of store ${quote(store)}, as publish[${before}] does already`;
    return [{ path: [index], message }];
  });
}

/** The columns of a table are the schema's properties, so a merge key must be among them. */
export function keyColumnsRule(run: unknown): readonly Finding[] {
  const { task, publish, records } = objectOf(run);
  const columns = records === undefined ? columnsOf(objectOf(task)['output_schema']) : undefined;
  if (columns === undefined) return [];
  return listOf(publish).flatMap((publication, index) =>
    listOf(objectOf(publication)['key']).flatMap((column, position) => {
      if (typeof column !== 'string' || column === '' || columns.includes(column) || column.includes('${')) return [];
      const message = `the output_schema has no property ${quote(column)}${hint(column, columns)}`;
      return [{ path: ['publish', index, 'key', position], message }];
    }),
  );
}

const COMPOSED = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'];
/** Under these names the rows may stand inside the document: then the properties on top are not the row's. */
const ROW_LISTS = new Set(['data', 'items', 'results', 'records', 'rows']);

/** The properties of a schema that says plainly what one row looks like; undefined for any other. */
function columnsOf(schema: unknown): readonly string[] | undefined {
  const { type = 'object', properties, ...others } = objectOf(schema);
  const columns = Object.keys(objectOf(properties));
  if (type !== 'object' || columns.length === 0) return undefined;
  if (COMPOSED.some((keyword) => keyword in others)) return undefined;
  return columns.some((name) => ROW_LISTS.has(name)) ? undefined : columns;
}
