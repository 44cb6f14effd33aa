import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { listOf, objectOf } from './rules.js';
import { columnsOf } from './schema-columns.js';

/** `merge` needs a key, and only `merge` has one. */
export function publicationRule(publication: unknown): readonly Finding[] {
  const { mode, key } = objectOf(publication);
  if (mode === 'merge' && key === undefined) {
    return [{ path: [], message: 'mode "merge" needs a "key": the columns that identify a row' }];
  }
  if ((mode === 'append' || mode === 'replace') && key !== undefined) {
    return [{ path: ['key'], message: `"key" goes with mode "merge" only, not with "${mode}"` }];
  }
  return listOf(key).flatMap((column, index, columns) =>
    columns.indexOf(column) < index
      ? [{ path: ['key', index], message: 'names this column a second time: leave it out' }]
      : [],
  );
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
    const message = `publishes to table ${quote(table)} of store ${quote(store)}, as publish[${before}] does already: leave one out`;
    return [{ path: [index], message }];
  });
}

/** The columns of a table are the schema's properties, so a merge key must be among them. */
export function keyColumnsRule(run: unknown): readonly Finding[] {
  const columns = columnsOf(run);
  if (columns === undefined) return [];
  return listOf(objectOf(run)['publish']).flatMap((publication, index) =>
    listOf(objectOf(publication)['key']).flatMap((column, position) => {
      if (typeof column !== 'string' || column === '' || columns.includes(column) || column.includes('${')) return [];
      const message = `the output_schema has no property ${quote(column)}${hint(column, columns)}`;
      return [{ path: ['publish', index, 'key', position], message }];
    }),
  );
}
