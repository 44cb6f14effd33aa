import type { z } from 'zod';
import type { Finding } from './problems.js';

/**
 * What a schema's shapes cannot say. A rule also sees values whose shape is wrong, so that all problems come at once:
 * it reads them with {@link objectOf} and {@link listOf} and stays silent on what the shapes complain about.
 */
export type Rule = (value: unknown) => readonly Finding[];

/** Adds a rule to a schema; it runs whatever else is wrong. Its messages are shown as they are. */
export function withRule<S extends z.ZodType>(schema: S, rule: Rule): S {
  return schema.superRefine(
    (value, context) => {
      for (const { path, message, key } of rule(value)) {
        context.addIssue({ code: 'custom', path: [...path], message, params: { key } });
      }
    },
    { when: () => true },
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
