import { createdAt, updatedAt, type Execution } from './wire.js';

/** What the pages of a list, read from its start, show about the order it is in. */
export interface ListOrder {
  /** Newest first by creation, as far as was read. False where times are missing. */
  readonly isByCreation: boolean;
  /**
   * Newest first by the last change, and surely so: some rows would stand otherwise if creation counted. What was
   * created a moment ago, and not changed since, looks the same in both orders.
   */
  readonly isByChange: boolean;
  /** That it is by the last change is refuted. */
  readonly isNotByChange: boolean;
}

/** Times that lie before it are mistakes. */
const FIRST_TIME = Date.UTC(2015, 0);

/**
 * Leaves out the rows whose times cannot be right, or cannot be read where those of most others can: one such row says
 * nothing about the order of the list.
 *
 * @param latest Unix milliseconds; what lies after it is a mistake
 */
export function rowsOfOrder<Row extends Execution>(rows: readonly Row[], latest: number): Row[] {
  const told = rows.map((row) => ({ row, created: createdAt(row), updated: updatedAt(row) }));
  const isMost = (count: number): boolean => count > rows.length / 2;
  const haveCreated = isMost(told.filter(({ created }) => created !== undefined).length);
  const haveUpdated = isMost(told.filter(({ updated }) => updated !== undefined).length);
  const isReadable = (time: string | undefined, isUsual: boolean): boolean => {
    if (time === undefined) return !isUsual;
    const moment = Date.parse(time);
    return moment >= FIRST_TIME && moment <= latest;
  };
  return told.flatMap(({ row, created, updated }) =>
    isReadable(created, haveCreated) && isReadable(updated, haveUpdated) ? [row] : [],
  );
}

export function orderOf(rows: readonly Execution[]): ListOrder {
  const isByCreation = isNewestFirst(rows.map(createdAt));
  const mayBeByChange = isNewestFirst(rows.map(updatedAt));
  const tellsThemApart = !isByCreation && rows.every((row) => createdAt(row) !== undefined);
  return { isByCreation, isByChange: mayBeByChange && tellsThemApart, isNotByChange: !mayBeByChange };
}

function isNewestFirst(times: readonly (string | undefined)[]): boolean {
  return times.every((time, index) => {
    const before = times[index - 1];
    return time !== undefined && (index === 0 || (before !== undefined && before >= time));
  });
}
