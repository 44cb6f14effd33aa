import type { PublishReceipt } from '../../domain/run.js';
import type { PostgresStoreConfig } from '../../domain/store-config.js';
import { publishedReceipt, requireAccepted, supersededReceipt } from '../load-receipt.js';
import { isSuperseded, mergeKey, widenings } from '../publication-rules.js';
import type { Load, Replay, Store } from '../store.js';
import { ensureBookkeeping, hasBookkeeping } from './bookkeeping.js';
import { checkNames, checkTable, readTableState } from './check-table.js';
import { openConnections, type Session } from './connection.js';
import { readLastRows } from './last-rows.js';
import { loadRows } from './load-rows.js';
import { lockTable } from './lock-table.js';
import { readRejects } from './read-rejects.js';
import { replayRows } from './replay-rows.js';
import { neverPublished } from './replayed-receipt.js';
import { rehearseLoad } from './rehearse-load.js';
import { requirePrivileges } from './require-privileges.js';
import { requireUniqueRows } from './require-unique-rows.js';
import { findReceipt, writeReceipt } from './receipts.js';
import { parseTableName, type TableName } from './table-name.js';
import { shapingSql } from './table-sql.js';
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
      const options = { ...aboutTable(publication.table), isRehearsal: true };
      await connections.transaction(async (session) => {
        await requirePrivileges(session, publication.table, name);
        const state = await readTableState(session, name);
        checkTable(publication, owner, columns ?? [], state);
        await requireUniqueRows(session, publication, name, state.existing);
        await rehearseLoad(session, publication, owner, columns, { ...state, name });
      }, options);
    },
    async preview(publication, owner, columns) {
      const name = checkNames(publication, columns);
      return connections.transaction(async (session) => {
        const state = await readTableState(session, name);
        const shape = {
          ...publication,
          name,
          columns: checkTable(publication, owner, columns, state),
          key: mergeKey(publication),
        };
        return shapingSql(shape, state.existing);
      }, aboutTable(publication.table));
    },
    async publish(load) {
      const name = checkNames(load.publication, load.columns);
      const { signal, waits, isRehearsal = false } = load;
      await connections.transaction(ensureBookkeeping, { about: 'schema titanflow', signal, waits });
      const options = { ...aboutTable(load.publication.table), signal, waits, isRehearsal };
      return connections.transaction((session) => publish(session, load, name), options);
    },
    async lastRows(table, exceptRun) {
      const name = parseTableName(table);
      return connections.transaction((session) => readLastRows(session, name, exceptRun), aboutTable(table));
    },
    rejects: (filter) => readRejects(connections, filter),
    async replay(replay) {
      const name = parseTableName(replay.table);
      const { signal } = replay;
      await connections.transaction((session) => requireMarks(session, replay), { about: 'schema titanflow', signal });
      const options = { ...aboutTable(replay.table), signal };
      return connections.transaction((session) => replayRows(session, replay, name), options);
    },
    close: () => connections.close(),
  };
}

function aboutTable(table: string): { readonly about: string } {
  return { about: `table ${table}` };
}

/** A replay into a database that titanflow has never published to leaves nothing there. */
async function requireMarks(session: Session, { table, run }: Replay): Promise<void> {
  if (!(await hasBookkeeping(session))) {
    throw neverPublished(table, run);
  }
  await ensureBookkeeping(session);
}

async function publish(session: Session, load: Load, name: TableName): Promise<PublishReceipt> {
  await lockTable(session, name);
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
  const plan = { ...state, name, columns };
  const { oid: written, ...rows } = await loadRows(session, load, plan);
  requireAccepted(load, rows);
  const widened = widenings(state.existing?.columns ?? [], columns);
  const receipt = publishedReceipt(load, { ...rows, widened });
  await recordTable(session, load, plan, written);
  await writeReceipt(session, load, name, written, receipt);
  return receipt;
}
