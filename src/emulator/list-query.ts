import { z } from 'zod';
import { ApiError } from './envelope.js';

/** What every list route takes. */
export interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly status?: string;
  readonly sort: { readonly field: 'created_at' | 'updated_at'; readonly descending: boolean };
}

/** What a list is filtered and sorted by; times are Unix milliseconds. */
export interface ListFacts {
  readonly status: string;
  readonly updatedAt: number;
}

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 100;

const querySchema = z.object({
  limit: z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be 1 or more').optional(),
  offset: z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 or more').optional(),
  status: z.string().min(1).optional(),
  sort: z
    .string()
    .regex(
      /^-?(?:created_at|updated_at)(?::(?:asc|desc))?$/,
      'must be created_at or updated_at, as -created_at or created_at:desc',
    )
    .optional(),
});

/**
 * Reads the query of a list route. A limit above 100 counts as 100. The vendor's sort syntax is not known: `-field` and
 * `field:desc` both work. Parameters that nobody knows are ignored.
 *
 * @throws ApiError 400 that names the parameter
 */
export function parseListQuery(query: Readonly<Record<string, string>>): ListQuery {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) {
    throw new ApiError(400, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const { limit = DEFAULT_LIMIT, offset = 0, status, sort = '-created_at' } = parsed.data;
  return {
    limit: Math.min(limit, LARGEST_LIMIT),
    offset,
    ...(status === undefined ? {} : { status }),
    sort: {
      field: sort.includes('updated_at') ? 'updated_at' : 'created_at',
      descending: sort.startsWith('-') || sort.endsWith(':desc'),
    },
  };
}

/**
 * One page of a list.
 *
 * @param items in the order of their creation
 */
export function pageOf<Item>(items: readonly Item[], query: ListQuery, factsOf: (item: Item) => ListFacts): Item[] {
  const { limit, offset, status, sort } = query;
  const kept = status === undefined ? items : items.filter((item) => factsOf(item).status === status);
  const byTime =
    sort.field === 'created_at'
      ? kept
      : kept.toSorted((left, right) => factsOf(left).updatedAt - factsOf(right).updatedAt);
  return (sort.descending ? byTime.toReversed() : byTime).slice(offset, offset + limit);
}
