import type { Json } from '../../domain/json.js';
import { orAborted } from '../../domain/or-aborted.js';
import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import type { StoreConfig, StoresConfig } from '../../domain/store-config.js';
import { schemaColumns } from '../../rows/columns.js';
import { newTableSql } from '../../stores/new-table-sql.js';
import type { Stores } from '../../stores/open-stores.js';

/** What becomes of one table. */
export interface PlannedTable extends Publication {
  readonly kind: StoreConfig['kind'] | 'unknown';
  /** Undefined: the schema names none, and the rows tell. */
  readonly columns?: readonly Column[];
  /** What would be run first; nothing where the table is as it must be. */
  readonly sql: readonly string[];
  /** Where the files of a run go. */
  readonly path?: string;
  /** Why the store was not asked: the SQL is that of a new table. */
  readonly notLooked?: string;
  /** Why it would not work. */
  readonly problem?: string;
}

export interface TablePlanner {
  plan(
    publication: Publication,
    owner: string,
    schema: Json | undefined,
    records: string | undefined,
  ): Promise<PlannedTable>;
}

const ANSWERS_WITHIN_MS = 10_000;

/** Asks stores what a publication would change. A store that does not answer is planned for as if it were empty. */
export function createTablePlanner(config: StoresConfig, stores: Stores): TablePlanner {
  return {
    async plan(publication, owner, schema, records) {
      const settings = config[publication.store];
      const known = { ...publication, kind: settings?.kind ?? 'unknown', sql: [] } as const;
      try {
        const store = stores.get(publication.store);
        const columns = schemaColumns(schema, records);
        const path = settings && pathOf(settings, publication.table);
        const place = { ...known, ...(path === undefined ? {} : { path }), ...(columns ? { columns } : {}) };
        if (columns === undefined || settings === undefined) return place;
        try {
          const asked = store.preview(publication, owner, columns);
          return { ...place, sql: await orAborted(asked, AbortSignal.timeout(ANSWERS_WITHIN_MS)) };
        } catch (error) {
          if (!isAway(error)) throw error;
          return { ...place, sql: newTableSql(settings.kind, publication, columns), notLooked: messageOf(error) };
        }
      } catch (error) {
        return { ...known, problem: messageOf(error) };
      }
    },
  };
}

function pathOf(settings: StoreConfig, table: string): string | undefined {
  if (settings.kind === 'files') return `${settings.directory}/${table}/<run>.${settings.format}`;
  if (settings.kind !== 's3') return undefined;
  const prefix = settings.prefix === '' ? '' : `${settings.prefix}/`;
  return `s3://${settings.bucket}/${prefix}${table}/<run>.${settings.format}`;
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('reason' in error && error.reason === 'unavailable');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
