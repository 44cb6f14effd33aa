import { escapeIdentifier } from 'pg';
import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import { mergeKey, refused } from '../publication-rules.js';
import { StoreError } from '../store.js';
import { sourceColumns, targetColumns } from './apply-rows.js';
import { ensureBookkeeping } from './bookkeeping.js';
import { checkTable, type CheckedTable, type TargetColumn } from './check-table.js';
import type { Session } from './connection.js';
import { isAtRest } from './lock-table.js';
import { insertStatement, serverVersionOf, updateStatement } from './merge-sql.js';
import { hintOf } from './postgres-failure.js';
import { isWellShaped } from './shape-table.js';
import { createStagingTable, STAGING_TABLE, stagedProvenance } from './staging-table.js';
import { hasUniqueKey, tableSql } from './table-sql.js';
import type { TableName } from './table-name.js';

/** Whoever has the table now is not to wait for a rehearsal, nor those who come after it. */
const LOCK_TIMEOUT = '2s';

/**
 * Does what a load does, without rows: whatever Postgres has against it shows before anything is paid for. That is more
 * than any list of checks knows: grants, too many columns, an encoding that lacks a column's name, a partition key, a
 * publication that needs a replica identity, rules. Where a load is under way, that one is the proof; where others have
 * locked the table, nothing is said.
 *
 * Needs a transaction that is rolled back.
 *
 * @param columns undefined = no schema tells them
 * @throws StoreError
 */
export async function rehearseLoad(
  session: Session,
  publication: Publication,
  owner: string,
  columns: readonly Column[] | undefined,
  { name, ...state }: CheckedTable & { readonly name: TableName },
): Promise<void> {
  if (!(await isAtRest(session, name))) return;
  const known = columns ?? knownColumns(publication, state);
  const plan = { ...state, name, columns: checkTable(publication, owner, known, state) };
  try {
    await session.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await ensureBookkeeping(session);
    // The bookkeeping holds them as texts: the database's encoding must have their characters.
    await session.query('SELECT $1::text, $2::text', [owner, name.qualified]);
    await shape(session, publication, plan);
    await createStagingTable(session, plan.columns);
    await write(session, publication, plan);
  } catch (error) {
    if (error instanceof StoreError && error.isBusy) return;
    throw withHint(publication.table, error);
  }
}

interface Plan extends CheckedTable {
  readonly name: TableName;
  readonly columns: readonly TargetColumn[];
}

/** Rows will have at least their key. */
function knownColumns(publication: Publication, { existing }: CheckedTable): readonly Column[] {
  return (mergeKey(publication) ?? []).flatMap((name): readonly Column[] => {
    if (existing === undefined) return [{ name, type: 'text' }];
    const have = existing.columns.find((column) => column.name === name);
    const type = have?.holds ?? have?.takes?.[0];
    return type === undefined ? [] : [{ name, type }];
  });
}

async function shape(session: Session, publication: Publication, { name, columns, existing }: Plan): Promise<void> {
  const key = mergeKey(publication);
  for (const statement of tableSql({ table: publication.table, name, columns, key }, existing)) {
    await session.query(statement);
  }
  if (key === undefined || existing?.kind !== 'p' || hasUniqueKey(existing, key)) return;
  // Whether a partitioned table can have the index shows without making it for each partition.
  const parts = key.map((part) => escapeIdentifier(part)).join(', ');
  await session.query(`CREATE UNIQUE INDEX ON ONLY ${name.sql} (${parts})`);
}

async function write(session: Session, publication: Publication, plan: Plan): Promise<void> {
  const { name, columns, existing } = plan;
  const key = mergeKey(publication);
  if (key === undefined) {
    if (publication.mode === 'replace') await session.query(`DELETE FROM ${name.sql} WHERE false`);
    const into = `${name.sql} (${targetColumns(columns).join(', ')})`;
    const isStraight = existing === undefined || (isWellShaped(existing, columns) && !existing.guarded);
    const source = sourceColumns(columns, stagedProvenance(undefined)).join(', ');
    await (isStraight
      ? session.copy(`COPY ${into} FROM STDIN`, nothing())
      : session.query(`INSERT INTO ${into} SELECT ${source} FROM ${STAGING_TABLE} AS load`));
    return;
  }
  if (key.some((part) => !columns.some((column) => column.name === part))) return;
  const lapsed: readonly string[] = [];
  const target = { name, columns, key, lapsed, provenance: stagedProvenance(undefined), isNew: false };
  const hasIndex = existing === undefined || hasUniqueKey(existing, key);
  await session.query(updateStatement(target, await serverVersionOf(session)));
  await session.query(insertStatement(target, hasIndex));
}

async function* nothing(): AsyncGenerator<never> {}

function withHint(table: string, error: unknown): unknown {
  if (!(error instanceof StoreError) || error.reason === 'unavailable') return error;
  const hint = hintOf(error.cause);
  const cure = hint === undefined ? '' : `; ${hint}`;
  return error.message.startsWith('Table ')
    ? error
    : refused(table, `a load would fail: ${error.message}${cure}`, { cause: error.cause });
}
