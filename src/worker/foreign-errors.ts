import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { ForeignText } from '../domain/foreign-text.js';
import { hidingLong, maskingAll } from '../known-secrets.js';

/**
 * The last net below all activities: what they throw is masked and cut before it becomes a failure in a history, and what
 * they return is looked through. Leaves mask what others tell them; here nothing else gets through either.
 */
export function maskingHistories(secrets: readonly string[]): ActivityInboundCallsInterceptor {
  const foreignText = maskingAll(secrets);
  const hide = hidingLong(secrets);
  return {
    async execute(input, next) {
      try {
        return hideIn(await next(input), hide);
      } catch (error) {
        throw maskError(error, foreignText);
      }
    },
  };
}

function hideIn(result: unknown, hide: ForeignText): unknown {
  const text = JSON.stringify(result);
  if (text === undefined) return result;
  const hidden = hide(text);
  return hidden === text ? result : JSON.parse(hidden);
}

const DEEPEST = 8;

/** The error itself, its texts and those of its causes and details made fit. Several activities may share one error. */
export function maskError(error: unknown, foreignText: ForeignText, depth = 0): unknown {
  if (!(error instanceof Error)) return maskTexts(error, foreignText, depth);
  if (depth > DEEPEST) return new Error('… (more causes)');
  const details: unknown = 'details' in error ? error.details : undefined;
  const isFixed = Object.isFrozen(error);
  const masked = isFixed ? new Error(error.message) : error;
  masked.message = foreignText(error.message);
  if (typeof error.stack === 'string') masked.stack = foreignText(error.stack);
  if (error.cause !== undefined) masked.cause = maskError(error.cause, foreignText, depth + 1);
  if (details !== undefined) Object.assign(masked, { details: maskTexts(details, foreignText, depth) });
  return masked;
}

/** Plain data with its texts made fit, as deep as failures and logs are; what lies deeper is left out. */
export function maskTexts(value: unknown, foreignText: ForeignText, depth = 0): unknown {
  if (typeof value === 'string') return foreignText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return foreignText(value.message);
  if (depth > DEEPEST) return '…';
  if (Array.isArray(value)) return value.map((item) => maskTexts(item, foreignText, depth + 1));
  if (value instanceof Date || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [foreignText(key), maskTexts(item, foreignText, depth + 1)]),
  );
}
