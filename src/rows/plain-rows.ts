import type { Json, JsonObject } from '../domain/json.js';
import { EXTRA_COLUMN, type ColumnType } from '../domain/rows.js';
import type { ExaminerOptions, Profile } from './examiner.js';
import { createPlainRecords, type PlainRecords } from './plain-records.js';
import { rowSchema } from './row-schema.js';

/** Knows plain records by the schema that judges them; undefined where there is none, or it says what takes a closer look. */
export function plainBySchema(options: ExaminerOptions): PlainRecords | undefined {
  const { outputSchema: root, records, format, coerce } = options;
  const { schema, properties } = rowSchema(root, records);
  if (root === undefined || !schema || properties.length === 0 || format === 'csv' || coerce === true) return undefined;
  if (!mayBeObject(schema['type'])) return undefined;
  return createPlainRecords({ schema: { ...schema, type: 'object' }, root, withCells: false });
}

/** Knows plain records by the columns that they have, and gives their cells. */
export function plainByColumns({ columns, coerce }: Profile): PlainRecords | undefined {
  const own = columns.filter(({ name }) => name !== EXTRA_COLUMN.name);
  if (coerce || own.length === 0) return undefined;
  const properties = Object.fromEntries(own.map(({ name, type }) => [name, SCHEMAS[type]]));
  const schema = { type: 'object', properties };
  return createPlainRecords({ schema, root: schema, withCells: true });
}

const SCHEMAS: Readonly<Record<ColumnType, JsonObject>> = {
  text: { type: ['string', 'null'] },
  timestamptz: { type: ['string', 'null'], format: 'date-time' },
  bigint: { type: ['integer', 'null'] },
  numeric: { type: ['number', 'null'] },
  boolean: { type: ['boolean', 'null'] },
  jsonb: {},
};

function mayBeObject(type: Json | undefined): boolean {
  return type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'));
}
