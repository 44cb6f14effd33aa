import type { Column, Reject, Row } from '../../src/domain/rows.js';
import type { Publication, PublishReceipt } from '../../src/domain/run.js';
import type { Load } from '../../src/stores/store.js';

export const FIRST = '2026-01-01T00:00:00Z';
export const SECOND = '2026-01-01T00:00:00.5Z';
export const THIRD = '2026-01-01T01:00:00Z';

export const SKU: Column = { name: 'sku', type: 'text' };
export const PRICE: Column = { name: 'price', type: 'numeric' };

export interface LoadSketch extends Partial<Omit<Load, 'rows' | 'rejects' | 'publication'>>, Partial<Publication> {
  readonly table: string;
  /** Raw JSON texts, in the order of `columns`; the rows' execution is the run, their position the index. */
  readonly cells?: readonly Row['cells'][];
  readonly rows?: Load['rows'];
  readonly rejects?: readonly Reject[];
}

/** A load of the columns `sku` and `price`, unless told otherwise. */
export function loadOf(sketch: LoadSketch): Load {
  const { table, run = 'run-1', at = FIRST, cells = [], rejects = [], mode = 'append', key, store = 'here' } = sketch;
  return {
    publication: { store, table, mode, ...(key === undefined ? {} : { key }) },
    run,
    at,
    owner: sketch.owner ?? 'prices',
    columns: sketch.columns ?? [SKU, PRICE],
    records: sketch.records ?? cells.length + rejects.length,
    rejected: sketch.rejected ?? rejects.length,
    rows: sketch.rows ?? inBatches(cells.map((texts, row) => ({ execution: run, row, at, cells: texts }))),
    rejects: each(rejects),
    signal: sketch.signal ?? new AbortController().signal,
    onProgress: sketch.onProgress ?? (() => undefined),
  };
}

export function mergeOf(sketch: LoadSketch): Load {
  return loadOf({ mode: 'merge', key: ['sku'], ...sketch });
}

export function replaceOf(sketch: LoadSketch): Load {
  return loadOf({ mode: 'replace', ...sketch });
}

export function publicationOf(sketch: LoadSketch): Publication {
  return loadOf(sketch).publication;
}

/** The counts of a receipt that are not zero. */
export function countsOf(receipt: PublishReceipt): Readonly<Record<string, number>> {
  const { records, rows, rejected, inserted, updated, unchanged, duplicates } = receipt;
  const counts = { records, rows, rejected, inserted, updated, unchanged, duplicates };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

export function inBatches(rows: readonly Row[], size = 2): AsyncIterable<readonly Row[]> {
  return {
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < rows.length; start += size) {
        yield rows.slice(start, start + size);
      }
    },
  };
}

function each<T>(items: readonly T[]): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* items;
    },
  };
}
