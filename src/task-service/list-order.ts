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
