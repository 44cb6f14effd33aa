import type { Json, JsonObject } from '../domain/json.js';
import type { ExportFormat } from '../domain/run.js';
import { coercedText } from './cell.js';
import type { SchemaColumn } from './columns.js';

/** A record as the schema shall judge it: texts read as their columns' types, empty CSV fields left out. */
export type Coercer = (record: JsonObject) => Json;

/** @param columns those to be read so; none = records are judged as they are */
export function createCoercer(columns: readonly SchemaColumn[], format: ExportFormat): Coercer {
  if (columns.length === 0) return (record) => record;
  const plans = columns.map((column) => ({ ...column, coerce: true }));
  return (record) => {
    // A copy has its own `__proto__` where the record has one, so that writing to it is safe.
    const coerced: Record<string, Json | undefined> = { ...record };
    for (const plan of plans) {
      const value = coerced[plan.name];
      const text = typeof value === 'string' ? coercedText(value, plan) : undefined;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives JSON
      if (text !== undefined) coerced[plan.name] = JSON.parse(text) as Json;
      // CSV cannot tell an empty value from none.
      if (value === null && format === 'csv' && !plan.mayBeNull) delete coerced[plan.name];
    }
    return coerced;
  };
}
