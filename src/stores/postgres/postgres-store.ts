import type { Column } from '../../domain/rows.js';
import type { PublishReceipt } from '../../domain/run.js';
import type { PostgresStoreConfig } from '../../domain/store-config.js';
import { publishedReceipt, requireWholeLoad, supersededReceipt } from '../load-receipt.js';
import { isSuperseded, mergeKey } from '../publication-rules.js';
import type { Load, Store } from '../store.js';
import { appendRows, mergeRows, replaceRows, type AppliedRows } from './apply-rows.js';
import { ensureBookkeeping } from './bookkeeping.js';
import { checkNames, checkTable, readTableState, type CheckedTable } from './check-table.js';
import { openConnections, type Session } from './connection.js';
import { copyRejects } from './copy-rejects.js';
import { requirePrivileges } from './require-privileges.js';
import { requireUniqueRows } from './require-unique-rows.js';
import { findReceipt, writeReceipt } from './receipts.js';
import { shapeTable } from './shape-table.js';
import { stageRows, type StagedRows } from './stage-rows.js';
import type { TableName } from './table-name.js';
import { recordTable } from './record-table.js';

/**
 * A Postgres database, version 12 or newer. A publication is one transaction: rows, rejects and receipt are there
 * together or not at all. Loads of one table take turns. Schemas and tables that are missing are created.
 *
 * A `replace` that is superseded changes nothing: its rows count as unchanged, its rejects are not kept.
 *
 * @throws StoreError `rejected` where the url is none
 */
export function openPostgresStore(store: string, { url }: PostgresStoreConfig): Store {
  const connections = openConnections(store, url);
  return {
    async check(publication, owner, columns) {
      const name = checkNames(publication, columns);
      await connections.transaction(async (session) => {
        await requirePrivileges(session, publication.table, name);
        const state = await readTableState(session, name);
        checkTable(publication, owner, columns ?? [], state);
        await requireUniqueRows(session, publication, name, state.existing);
      });
    },
    async publish(load) {
      const name = checkNames(load.publication, load.columns);
      await connections.transaction(ensureBookkeeping, load.signal);
      return connections.transaction((session) => publish(session, load, name), load.signal);
    },
    close: () => connections.close(),
  };
}

/** The table is altered only when all rows are with the server: until then nobody who reads it has to wait. */
async function publish(session: Session, load: Load, name: TableName): Promise<PublishReceipt> {
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`titanflow ${name.qualified}`]);
  const state = await readTableState(session, name);
  const oid = state.existing?.oid;
  const found = oid === undefined ? undefined : await findReceipt(session, load, name, oid);
  if (found !== undefined) {
    return found;
  }
  const columns = checkTable(load.publication, load.owner, load.columns, state);
  if (oid !== undefined && isSuperseded(load.publication.mode, load.at, state.record?.replacedAt)) {
    const receipt = supersededReceipt(load);
    await writeReceipt(session, load, name, oid, receipt);
    return receipt;
  }
  const staged = await stageRows(session, load, columns);
  return applyLoad(session, load, name, { ...state, columns, staged });
}

interface StagedLoad extends CheckedTable {
  /** The load's, with the types that the table has for them. */
  readonly columns: readonly Column[];
  readonly staged: StagedRows;
}

async function applyLoad(session: Session, load: Load, name: TableName, staged: StagedLoad): Promise<PublishReceipt> {
  const { table } = load.publication;
  const key = mergeKey(load.publication);
  const rejects = await copyRejects(session, load, name);
  requireWholeLoad(load, { rows: staged.staged.valid + staged.staged.rejected, rejects });
  const oid = await shapeTable(session, { table, name, columns: staged.columns, key }, staged.existing);
  const applied = await applyRows(session, load, name, staged);
  const receipt = publishedReceipt(load, { ...applied, rejected: staged.staged.rejected });
  await recordTable(session, load, name, oid);
  await writeReceipt(session, load, name, oid, receipt);
  return receipt;
}

function applyRows(
  session: Session,
  { publication }: Load,
  name: TableName,
  { record, columns, staged }: StagedLoad,
): Promise<AppliedRows> {
  if (publication.mode === 'append') {
    return appendRows(session, name, columns, staged);
  }
  if (publication.mode === 'replace') {
    return replaceRows(session, name, columns, staged);
  }
  const lapsed = (record?.columns ?? []).filter((written) => !columns.some((column) => column.name === written));
  return mergeRows(session, name, columns, publication.key ?? [], lapsed, staged);
}
