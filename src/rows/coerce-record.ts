import type { Json, JsonObject } from '../domain/json.js';
import type { ExportFormat } from '../domain/run.js';
import { coercedText } from './cell.js';
import type { SchemaColumn } from './columns.js';

/** A record as the schema shall judge it: texts read as their columns' types, empty CSV fields left out. */
export type Coercer = (record: JsonObject) => Json;

/** @param columns those to be read so; none = records are judged as they are */
export function createCoercer(columns: readonly SchemaColumn[], format: ExportFormat): Coercer {
  if (columns.length === 0) return (record) => record;
  return (record) => {
    const coerced = new Map(Object.entries(record));
    for (const column of columns) {
      const value = coerced.get(column.name);
      const text = typeof value === 'string' ? coercedText(value, { ...column, coerce: true }) : undefined;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives JSON
      if (text !== undefined) coerced.set(column.name, JSON.parse(text) as Json);
      // CSV cannot tell an empty value from none.
      if (value === null && format === 'csv' && !column.mayBeNull) coerced.delete(column.name);
    }
    return Object.fromEntries(coerced);
  };
}
