import { createHash } from 'node:crypto';
import type { Column } from '../domain/rows.js';

/** Fingerprint of the columns a receipt's rows had, in hex. */
export function schemaHash(columns: readonly Column[]): string {
  const schema = columns.map(({ name, type }) => [name, type]);
  return createHash('sha256').update(JSON.stringify(schema)).digest('hex');
}
