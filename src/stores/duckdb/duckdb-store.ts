import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PublishReceipt } from '../../domain/run.js';
import type { DuckDbStoreConfig } from '../../domain/store-config.js';
import { fileFailure } from '../layout/file-failure.js';
import { requireWritable } from '../layout/require-writable.js';
import { requireWholeLoad, supersededReceipt } from '../load-receipt.js';
import { isSuperseded } from '../publication-rules.js';
import type { Load, Store } from '../store.js';
import { applyLoad, type StagedLoad } from './apply-load.js';
import { checkTable, requireMergeable } from './check-table.js';
import { openDatabase, type DatabaseSession } from './database.js';
import { readLastRows } from './last-rows.js';
import { readRejects } from './read-rejects.js';
import { readTableState } from './read-table.js';
import { findReceipt, writeReceipt } from './receipts.js';
import { replayRows } from './replay-rows.js';
import { neverPublished } from './replayed-receipt.js';
import { shapingSql } from './shape-table.js';
import { quoteName } from './sql-text.js';
import { stageRows } from './stage-rows.js';
import { checkNames, parseTableName, type TableName } from './table-name.js';

/**
 * A DuckDB database file. It is open only while something is done with it, for one process at a time; loads of one file
 * take turns. A publication is one transaction: rows, rejects and receipt are there together or not at all. The file,
 * schemas and tables that are missing are created.
 *
 * A `replace` that is superseded changes nothing: its rows count as unchanged, its rejects are not kept.
 */
export function openDuckDbStore({ path }: DuckDbStoreConfig): Store {
  const database = openDatabase(path);
  return {
    async check(publication, owner, columns) {
      const name = checkNames(publication, columns);
      // Rows on their way, and what DuckDB itself writes before the database has it, lie beside the file.
      const exists = await database.exists();
      await Promise.all([requireWritable(dirname(path)), exists ? access(path, constants.W_OK) : undefined]).catch(
        (error: unknown) => {
          throw fileFailure(error);
        },
      );
      if (!exists) return;
      await database.read(async (session) => {
        const state = await readTableState(session, publication.table, name);
        checkTable(publication, owner, columns ?? [], state);
        await requireMergeable(session, publication, name, state);
      });
    },
    async preview(publication, owner, columns) {
      const name = checkNames(publication, columns);
      const schema = quoteName(name.schema);
      const shape = { schema, table: `${schema}.${quoteName(name.name)}` };
      if (!(await database.exists())) return shapingSql({ ...shape, columns }, undefined);
      return database.read(async (session) => {
        const state = await readTableState(session, publication.table, name);
        return shapingSql({ ...shape, columns: checkTable(publication, owner, columns, state) }, state.existing);
      });
    },
    async publish(load) {
      const name = checkNames(load.publication, load.columns);
      return database.change((session) => publish(session, load, name), load.signal, load.waits);
    },
    async lastRows(table, exceptRun) {
      const name = parseTableName(table);
      const isThere = await database.exists();
      return isThere ? database.read((session) => readLastRows(session, table, name, exceptRun)) : undefined;
    },
    rejects: (filter) => readRejects(database, filter),
    async replay(replay) {
      const name = parseTableName(replay.table);
      if (!(await database.exists())) {
        throw neverPublished(replay.table, replay.run);
      }
      return database.change((session) => replayRows(session, replay, name), replay.signal);
    },
    close: () => Promise.resolve(),
  };
}

async function publish(session: DatabaseSession, load: Load, name: TableName): Promise<PublishReceipt> {
  const { publication, owner, at } = load;
  const state = await readTableState(session, publication.table, name);
  const id = state.existing?.id;
  const found = id === undefined ? undefined : await findReceipt(session, load, name, id);
  if (found !== undefined) {
    return found;
  }
  const columns = checkTable(publication, owner, load.columns, state);
  if (id !== undefined && isSuperseded(publication.mode, at, state.record?.replacedAt)) {
    const receipt = supersededReceipt(load);
    await session.transaction(() => writeReceipt(session, load, name, id, receipt));
    return receipt;
  }
  await requireMergeable(session, publication, name, state);
  const staged = await stageRows(session, load, columns);
  requireWholeLoad(load, { rows: staged.valid + staged.rejected, rejects: staged.rejects });
  return applied(session, load, name, { ...state, columns, staged });
}

/** Of a rehearsal only the receipt stays. */
async function applied(
  session: DatabaseSession,
  load: Load,
  name: TableName,
  staged: StagedLoad,
): Promise<PublishReceipt> {
  let receipt: PublishReceipt | undefined;
  const isOver = new Error('the rehearsal is over');
  try {
    return await session.transaction(async () => {
      receipt = await applyLoad(session, load, name, staged);
      if (load.isRehearsal === true) throw isOver;
      return receipt;
    });
  } catch (error) {
    if (error === isOver && receipt !== undefined) return receipt;
    throw error;
  }
}
