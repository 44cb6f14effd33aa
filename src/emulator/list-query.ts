import { z } from 'zod';
import { ApiError } from './envelope.js';
import { treatmentOf, type ListDialect } from './list-dialect.js';

/** What a list is asked for, as far as it listens. */
export interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly status?: string;
  readonly taskId?: string;
  readonly sort?: { readonly field: 'created_at' | 'updated_at'; readonly descending: boolean };
}

const querySchema = z.object({
  limit: z.coerce.number('must be a number').int('must be a whole number').min(1, 'must be 1 or more').optional(),
  offset: z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 or more').optional(),
  status: z.string().min(1).optional(),
  task_id: z.string().optional(),
  sort: z
    .string()
    .regex(
      /^-?(?:created_at|updated_at)(?::(?:asc|desc))?$/,
      'must be created_at or updated_at, as -created_at or created_at:desc',
    )
    .optional(),
});

/**
 * Reads the query of a list route. The vendor's sort syntax is not known: `-field` and `field:desc` both work. Parameters
 * that nobody knows have no effect.
 *
 * @throws ApiError 400 that names the parameter
 */
export function parseListQuery(query: Readonly<Record<string, string>>, dialect: ListDialect): ListQuery {
  const parsed = querySchema.safeParse(honoured(query, dialect));
  if (!parsed.success) {
    throw new ApiError(400, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const { limit = dialect.defaultPage, offset = 0, status, task_id: taskId, sort } = parsed.data;
  return {
    limit: Math.min(limit, dialect.largestPage),
    offset,
    ...(status === undefined ? {} : { status }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(sort === undefined ? {} : { sort: parseSort(sort) }),
  };
}

function honoured(query: Readonly<Record<string, string>>, dialect: ListDialect): Record<string, string> {
  const given = Object.entries(query);
  const refused = given.find(([name]) => treatmentOf(dialect, name) === 'refused');
  if (refused) throw new ApiError(400, `${refused[0]}: this list does not take it`);
  return Object.fromEntries(given.filter(([name]) => treatmentOf(dialect, name) === 'honoured'));
}

function parseSort(sort: string): NonNullable<ListQuery['sort']> {
  return {
    field: sort.includes('updated_at') ? 'updated_at' : 'created_at',
    descending: sort.startsWith('-') || sort.endsWith(':desc'),
  };
}
