import { objectOf } from './rules.js';

/**
 * The columns of a run's rows, where its task's `output_schema` says plainly what one row looks like; undefined for any
 * other. The rows of an array are its items.
 */
export function columnsOf(run: unknown): readonly string[] | undefined {
  const { task, records } = objectOf(run);
  return records === undefined ? propertiesOf(objectOf(task)['output_schema']) : undefined;
}

const COMPOSED = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'];
/** Under these names the rows may stand inside the document: then the properties on top are not the row's. */
const ROW_LISTS = new Set(['data', 'items', 'results', 'records', 'rows']);

function propertiesOf(schema: unknown): readonly string[] | undefined {
  const { type = 'object', properties, items, ...others } = objectOf(schema);
  if (type === 'array') return propertiesOf(items);
  const columns = Object.keys(objectOf(properties));
  if (type !== 'object' || columns.length === 0) return undefined;
  if (COMPOSED.some((keyword) => keyword in others)) return undefined;
  return columns.some((name) => ROW_LISTS.has(name)) ? undefined : columns;
}
