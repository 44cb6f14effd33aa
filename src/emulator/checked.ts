import type { z } from 'zod';

/**
 * What a user has written, checked and with its defaults filled in.
 *
 * @param source how to call it in the message, e.g. a file name
 * @throws Error that names every wrong key
 */
export function checked<Output>(schema: z.ZodType<Output>, value: unknown, source: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${source}: ${problem(issue)}`).join('\n'));
}

function problem(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
