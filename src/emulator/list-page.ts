import type { Standing } from './life.js';
import type { ListDialect } from './list-dialect.js';
import type { ListQuery } from './list-query.js';

export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** On all pages. */
  readonly total: number;
}

/**
 * One page of a list. Pages are cut from the list as it is now, so that what is created between two of them shifts them.
 *
 * @param items in the order of their creation
 */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  query: ListQuery,
  order: ListDialect['order'],
  standingOf: (item: Item) => Standing,
): ListPage<Item> {
  const { limit, offset, status } = query;
  const kept = status === undefined ? items : items.filter((item) => standingOf(item).status === status);
  const sorted = query.sort ? sortedBy(kept, query.sort, standingOf) : ordered(kept, order);
  return { items: sorted.slice(offset, offset + limit), total: kept.length };
}

function sortedBy<Item>(
  items: readonly Item[],
  { field, descending }: NonNullable<ListQuery['sort']>,
  standingOf: (item: Item) => Standing,
): readonly Item[] {
  const ascending = field === 'created_at' ? items : ranked(items, (item) => standingOf(item).updatedAt);
  return descending ? ascending.toReversed() : ascending;
}

function ordered<Item extends { readonly id: string }>(
  items: readonly Item[],
  order: ListDialect['order'],
): readonly Item[] {
  if (order === 'oldest') return items;
  if (order === 'newest') return items.toReversed();
  // Ids are random: the number that one begins with is as good as a lot that was drawn.
  return ranked(items, ({ id }) => Number.parseInt(id.slice(0, 8), 16));
}

/** Each rank is worked out once: there may be ten thousand items, and a sort compares each of them many times. */
function ranked<Item>(items: readonly Item[], rankOf: (item: Item) => number): Item[] {
  return items
    .map((item) => ({ item, rank: rankOf(item) }))
    .toSorted((left, right) => left.rank - right.rank)
    .map(({ item }) => item);
}
