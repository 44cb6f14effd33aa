import { withoutTrailingZeros } from '../domain/json.js';
import type { Row } from '../domain/rows.js';

/** What the order of rows is made of: (`_titan_at`, `_titan_execution`, `_titan_row`). */
export type RowOrder = Pick<Row, 'at' | 'execution' | 'row'>;

/** Positive where `a` is the newer row. */
export function compareRowOrder(a: RowOrder, b: RowOrder): number {
  if (a.at !== b.at) {
    const byTime = compareInstants(a.at, b.at);
    if (byTime !== 0) {
      return byTime;
    }
  }
  if (a.execution !== b.execution) {
    return a.execution < b.execution ? -1 : 1;
  }
  return a.row - b.row;
}

/** Positive where `a` is later. Both are RFC 3339: text alone would put `00:00:00.5Z` before `00:00:00Z`. */
export function compareInstants(a: string, b: string): number {
  const [left, right] = [sortableInstant(a), sortableInstant(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** One text for one moment, whatever its offset and its trailing zeros; sorts by time from the year 0 on. */
export function sortableInstant(at: string): string {
  const fraction = /\.(\d+)/.exec(at)?.[1] ?? '';
  const seconds = Date.parse(fraction === '' ? at : at.replace(`.${fraction}`, '')) / 1000;
  if (Number.isNaN(seconds)) {
    return at;
  }
  return `${String(seconds + YEAR_ZERO_TO_1970).padStart(12, '0')}.${withoutTrailingZeros(fraction)}`;
}

const YEAR_ZERO_TO_1970 = 62_167_219_200;
