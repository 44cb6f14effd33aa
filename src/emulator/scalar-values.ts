import type { JsonObject } from './json.js';
import { numberField, textField } from './product-fields.js';
import type { RowContext } from './product.js';
import type { Random } from './random.js';

/** Dates of rows lie in the year from here on: a fixed one, so that the same seed gives the same rows next year. */
const EPOCH = Date.UTC(2025, 0, 1);
const YEAR_SECONDS = 365 * 86_400;
const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron', 'iris', 'juniper'] as const;

/** Makes numbers within the schema's limits: the product's own where it has one that fits. */
export function numberMaker(schema: JsonObject, name: string): (row: RowContext) => number {
  const isWhole = schema['type'] === 'integer';
  const { min, max, allows } = limitsOf(schema);
  const field = numberField(name);
  return ({ product, random }) => {
    const own = field?.(product);
    const rounded = own !== undefined && isWhole ? Math.round(own) : own;
    if (rounded !== undefined && allows(rounded)) return rounded;
    if (isWhole) {
      const first = allows(Math.ceil(min)) ? Math.ceil(min) : Math.floor(min) + 1;
      const last = allows(Math.floor(max)) ? Math.floor(max) : Math.ceil(max) - 1;
      return random.integer(first, Math.max(first, last));
    }
    // Never quite an end, because the ends may be excluded.
    const value = min + (max - min) * (0.001 + 0.998 * random.fraction());
    const cents = Math.round(value * 100) / 100;
    return allows(cents) ? cents : value;
  };
}

interface Limits {
  /** The range to choose from. */
  readonly min: number;
  readonly max: number;
  /** Whether the schema allows a value, which may lie outside that range where the schema leaves an end open. */
  readonly allows: (value: number) => boolean;
}

function limitsOf(schema: JsonObject): Limits {
  const given = (key: string, otherwise: number): number => {
    const value = schema[key];
    return typeof value === 'number' ? value : otherwise;
  };
  const above = given('exclusiveMinimum', -Infinity);
  const below = given('exclusiveMaximum', Infinity);
  const lowest = Math.max(given('minimum', -Infinity), above);
  const highest = Math.min(given('maximum', Infinity), below);
  const min = Number.isFinite(lowest) ? lowest : Math.min(0, Number.isFinite(highest) ? highest - 1000 : 0);
  const max = Number.isFinite(highest) ? highest : min + 1000;
  return { min, max, allows: (value) => value >= lowest && value <= highest && value !== above && value !== below };
}

/** Makes texts of the schema's format and length. */
export function textMaker(schema: JsonObject, name: string): (row: RowContext) => string {
  const { format, minLength, maxLength } = schema;
  const make = (typeof format === 'string' ? formatMaker(format, name) : undefined) ?? plainMaker(name);
  if (minLength === undefined && maxLength === undefined) return make;
  const min = typeof minLength === 'number' ? minLength : 0;
  const max = typeof maxLength === 'number' ? maxLength : Infinity;
  return (row) => {
    const text = make(row);
    return (text.length < min ? text.padEnd(min, text || 'x') : text).slice(0, max);
  };
}

function plainMaker(name: string): (row: RowContext) => string {
  const field = textField(name);
  if (field) return ({ product }) => field(product);
  // Names such as created_at, scrapedAt, release_date.
  if (/(?:date|time|[a-z]At|_at)$/i.test(name)) return ({ random }) => moment(random).toISOString();
  if (/e-?mail$/i.test(name)) return ({ random }) => email(random);
  return ({ random }) => `${random.pick(WORDS)} ${random.pick(WORDS)}`;
}

function formatMaker(format: string, name: string): ((row: RowContext) => string) | undefined {
  switch (format) {
    case 'date-time':
      return ({ random }) => moment(random).toISOString();
    case 'date':
      return ({ random }) => moment(random).toISOString().slice(0, 10);
    case 'time':
      return ({ random }) => `${moment(random).toISOString().slice(11, 19)}Z`;
    case 'email':
      return ({ random }) => email(random);
    case 'uuid':
      return ({ random }) => uuid(random);
    case 'media':
      return fieldMaker('media');
    case 'uri':
    case 'url':
    case 'uri-reference':
      return fieldMaker(/image|photo|picture|thumb/i.test(name) ? 'image' : 'url');
    default:
      return undefined;
  }
}

function fieldMaker(name: string): ((row: RowContext) => string) | undefined {
  const field = textField(name);
  return field && (({ product }) => field(product));
}

function moment(random: Random): Date {
  return new Date(EPOCH + random.integer(0, YEAR_SECONDS) * 1000);
}

function email(random: Random): string {
  return `${random.pick(WORDS)}.${random.pick(WORDS)}@shop.example`;
}

function uuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => random.integer(0, 15).toString(16)).join('');
  const variant = random.pick(['8', '9', 'a', 'b']);
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`);
}
