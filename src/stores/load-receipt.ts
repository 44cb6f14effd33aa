import type { PublishReceipt } from '../domain/run.js';
import { LoadHeld, type Load } from './store.js';

/** What became of the valid rows: they are the sum. */
export interface AppliedRows {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
}

/** What a load became: the valid rows that were published, and the rejects that the store itself had to make. */
export interface PublishedRows extends AppliedRows {
  /** Rows that the store could not take: they count as rejected. */
  readonly rejected: number;
  readonly widened?: readonly string[];
}

/** What the store itself refuses of a load. */
export interface RefusedRows {
  readonly rejected: number;
  /** Why it refuses the first one. */
  readonly why?: string | undefined;
}

/** @throws LoadHeld where `judge` of the load is against it */
export function requireAccepted(load: Load, { rejected, why }: RefusedRows): void {
  const problem = load.judge?.({ records: load.records, rejected: load.rejected + rejected }, why);
  if (problem !== undefined) throw new LoadHeld(problem);
}

export function publishedReceipt(load: Load, published: PublishedRows): PublishReceipt {
  const { rejected, inserted, updated, unchanged, duplicates, widened = [] } = published;
  return {
    ...addressOf(load),
    superseded: false,
    rows: inserted + updated + unchanged + duplicates,
    rejected: load.rejected + rejected,
    inserted,
    updated,
    unchanged,
    duplicates,
    ...(widened.length === 0 ? {} : { widened }),
  };
}

/** A newer `replace` was there first. Nothing is read or changed: the rows count as unchanged. */
export function supersededReceipt(load: Load): PublishReceipt {
  const rows = load.records - load.rejected;
  return {
    ...addressOf(load),
    superseded: true,
    rows,
    rejected: load.rejected,
    inserted: 0,
    updated: 0,
    unchanged: rows,
    duplicates: 0,
  };
}

/**
 * Guards against a load that was cut short on its way: what came must be what was announced.
 *
 * @throws Error which is no StoreError: the store is well, whoever reads the rows is not.
 */
export function requireWholeLoad(load: Load, came: { readonly rows: number; readonly rejects: number }): void {
  const rows = load.records - load.rejected;
  if (came.rows !== rows || came.rejects !== load.rejected) {
    throw new Error(
      `Run ${load.run} announced ${rows} rows and ${load.rejected} rejects, but ${came.rows} and ${came.rejects} came: nothing was published.`,
    );
  }
}

function addressOf({ publication, records }: Load): Pick<PublishReceipt, 'store' | 'table' | 'mode' | 'records'> {
  return { store: publication.store, table: publication.table, mode: publication.mode, records };
}
