import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import {
  fittedColumns,
  mergeKey,
  refused,
  requireAllowed,
  requirePossible,
  widenedColumns,
  withGuesses,
} from '../publication-rules.js';
import { hasBookkeeping } from './bookkeeping.js';
import type { Session } from './connection.js';
import { readTable, readTableRecord, type ExistingTable, type RecordedTable } from './read-table.js';
import { isWellShaped } from './shape-table.js';
import { hasUniqueKey } from './table-sql.js';
import type { TargetType } from './target-type.js';
import { parseTableName, requireIdentifier, type TableName } from './table-name.js';

export interface CheckedTable {
  readonly existing: ExistingTable | undefined;
  readonly record: RecordedTable | undefined;
}

/**
 * What can be said without the database.
 *
 * @throws StoreError
 */
export function checkNames(publication: Publication, columns: readonly Column[] | undefined): TableName {
  requirePossible(publication, columns);
  const name = parseTableName(publication.table);
  for (const column of [...(columns ?? []).map((column) => column.name), ...(mergeKey(publication) ?? [])]) {
    requireIdentifier(publication.table, 'column', column);
  }
  return name;
}

/** Changes nothing, and does without the bookkeeping where there is none yet. */
export async function readTableState(session: Session, name: TableName): Promise<CheckedTable> {
  const existing = await readTable(session, name);
  const known = existing !== undefined && (await hasBookkeeping(session));
  return { existing, record: known ? await readTableRecord(session, name, existing.oid) : undefined };
}

/** A load's column as the table has it. */
export interface TargetColumn extends Column {
  /** For SQL. */
  readonly sqlType: string;
  /** Where the type is none of ours. */
  readonly target?: TargetType | undefined;
  readonly notNull?: boolean | undefined;
}

/**
 * Judges a publication by the table as it stands.
 *
 * @returns the load's columns with the types that the table has for them
 * @throws StoreError
 */
export function checkTable(
  publication: Publication,
  owner: string,
  columns: readonly Column[],
  { existing, record }: CheckedTable,
): readonly TargetColumn[] {
  requireAllowed(publication, owner, record);
  if (existing === undefined) {
    return columns.map((column) => ({ ...column, sqlType: column.type }));
  }
  const { table, mode } = publication;
  if (existing.kind !== 'r' && existing.kind !== 'p') {
    throw refused(table, 'Postgres has something else by that name, a view for instance');
  }
  const fitted = fittedColumns(table, withGuesses(existing.columns, record?.guesses), columns);
  const key = mergeKey(publication);
  const altered = !isWellShaped(existing, fitted) || (key !== undefined && !hasUniqueKey(existing, key));
  const needed = altered ? [...PRIVILEGES[mode], 'ALTER'] : PRIVILEGES[mode];
  const lacking = needed.filter((privilege) => existing.lacking.includes(privilege));
  if (lacking.length > 0) {
    throw refused(table, `the role of the store's url may not ${lacking.join(', ')} there`);
  }
  const widened = new Set(widenedColumns(existing.columns, fitted).map(({ name }) => name));
  return fitted.map((column) => {
    const current = existing.columns.find(({ name }) => name === column.name);
    const sqlType = current === undefined || widened.has(column.name) ? column.type : current.type;
    return { ...column, sqlType, target: current?.target, notNull: current?.notNull };
  });
}

const PRIVILEGES = {
  append: ['INSERT'],
  replace: ['INSERT', 'DELETE'],
  merge: ['SELECT', 'INSERT', 'UPDATE'],
} as const;
