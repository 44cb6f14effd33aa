import type { Expectations, Publication } from './run.js';

export interface RowCounts {
  readonly records: number;
  readonly rejected: number;
}

/**
 * Judges `expect` before anything is published.
 *
 * @returns what is wrong, with the numbers and the cure; undefined when all is well.
 */
export function judge(counts: RowCounts, expect: Expectations, publishes: boolean): string | undefined {
  const rows = counts.records - counts.rejected;
  const minRows = expect.minRows ?? (publishes ? 1 : 0);
  if (rows < minRows) {
    const cure =
      rows === 0 ? 'set `expect.minRows: 0` if an empty result is fine' : 'lower `expect.minRows` if so few are fine';
    return `${rows} valid rows of ${counts.records} records, expected at least ${minRows}; ${cure}`;
  }
  const share = counts.records === 0 ? 0 : counts.rejected / counts.records;
  const maxRejected = expect.maxRejected ?? 1;
  if (share > maxRejected) {
    return `${counts.rejected} of ${counts.records} records were rejected (${percent(share)}), at most ${percent(maxRejected)} may be`;
  }
  return undefined;
}

/** Counts of a load that a store is about to publish. */
export interface StoreCounts extends RowCounts {
  /** Of the rejected ones, those that only the store refuses. */
  readonly refused: number;
  /** Why it refuses the first one. */
  readonly why?: string | undefined;
  /** Valid rows of the table's last publication, where `maxDrop` asks for it. */
  readonly last?: number | undefined;
}

/**
 * Judges `expect` for one publication, when its store has seen all rows.
 *
 * @returns what is wrong, with the numbers, and what the store has against the rows; undefined when all is well.
 */
export function judgePublication(
  counts: StoreCounts,
  expect: Expectations,
  publication: Publication,
): string | undefined {
  const { records, rejected, refused, why, last } = counts;
  const drop = (maxDrop: number): string | undefined => judgeDrop(records - rejected, last, maxDrop, publication);
  const problem = judge(counts, expect, true) ?? (expect.maxDrop === undefined ? undefined : drop(expect.maxDrop));
  if (problem === undefined || refused === 0) return problem;
  const { store, table } = publication;
  const reason = why === undefined ? '' : `; the first one: ${why}`;
  return `${problem}; ${store}, table ${table} refuses ${refused} of them${reason}`;
}

/**
 * Judges `expect.maxDrop` for one publication.
 *
 * @param last valid rows of the table's last publication; nothing to compare with is fine.
 * @returns what is wrong, with the numbers; undefined when all is well.
 */
export function judgeDrop(
  rows: number,
  last: number | undefined,
  maxDrop: number,
  { store, table }: Publication,
): string | undefined {
  if (last === undefined || last === 0 || (last - rows) / last <= maxDrop) return undefined;
  const fewer = percent((last - rows) / last);
  return `${rows} valid rows for ${store}, table ${table}, are ${fewer} fewer than the ${last} of its last publication, at most ${percent(maxDrop)} fewer may be`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
