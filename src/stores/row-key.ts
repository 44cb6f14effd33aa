import { EXTRA_COLUMN, type Column, type Reject, type Row } from '../domain/rows.js';

/**
 * Says why a row cannot be told from others by its key, if it cannot. A Postgres btree index entry holds 2,704 bytes;
 * every store keeps to the same bound, so that a table can move from one to another.
 *
 * @param positions where the key's columns are among the row's cells
 */
export function createKeyProblem(
  columns: readonly Column[],
  key: readonly string[],
): (cells: Row['cells']) => string | undefined {
  const parts = key.map((name) => {
    const position = columns.findIndex((column) => column.name === name);
    return { name, position, weight: columns[position]?.type === 'jsonb' ? JSONB_WEIGHT : 1 };
  });
  return (cells) => {
    let bytes = 0;
    for (const { name, position, weight } of parts) {
      const raw = cells[position];
      if (raw === undefined || raw === 'null') {
        return `key column ${JSON.stringify(name)} is ${raw === undefined ? 'missing' : 'null'}`;
      }
      bytes += PART_OVERHEAD + storedBytes(raw) * weight;
    }
    return bytes > MAX_KEY_BYTES ? `key is too long: ${bytes} bytes, ${MAX_KEY_BYTES} are possible` : undefined;
  };
}

/** The reject that a valid row becomes where the store cannot take it, with the record put together again. */
export function rejectedRow(columns: readonly Column[], row: Row, reason: string): Reject {
  const members = columns.flatMap(({ name }, position) => {
    const raw = row.cells[position];
    if (raw === undefined) {
      return [];
    }
    return name === EXTRA_COLUMN.name && raw.startsWith('{') ? membersOf(raw) : [`${JSON.stringify(name)}:${raw}`];
  });
  return { execution: row.execution, row: row.row, reason, raw: `{${members.join(',')}}` };
}

const MAX_KEY_BYTES = 2600;
/** Alignment and length header of one column in an index entry. */
const PART_OVERHEAD = 8;
/** `[1,1,1]` takes six times its text as jsonb: an entry header and a numeric for each element. */
const JSONB_WEIGHT = 6;

function storedBytes(raw: string): number {
  const bytes = Buffer.byteLength(raw);
  if (bytes * JSONB_WEIGHT <= MAX_KEY_BYTES || !raw.startsWith('"')) {
    return bytes;
  }
  const text: unknown = JSON.parse(raw);
  return typeof text === 'string' ? Buffer.byteLength(text) : bytes;
}

function membersOf(object: string): readonly string[] {
  const inner = object.trim().slice(1, -1).trim();
  return inner === '' ? [] : [inner];
}
