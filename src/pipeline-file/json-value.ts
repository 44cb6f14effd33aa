import { z } from 'zod';
import type { Json } from '../domain/json.js';

/** Any JSON value; YAML can also write numbers that JSON has no word for. */
export const json = z.custom<Json>(isJson, { abort: false, error: 'must be a JSON value: no .nan and no .inf' });

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
  return Object.values(value).every((item) => item === undefined || isJson(item));
}
