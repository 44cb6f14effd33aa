import { canonicalJson, isJsonObject, type Json, type JsonObject } from './json.js';
import { plainSchema } from './plain-schema.js';
import { createProduct, CURRENCIES, type Shop } from './product.js';
import { createRandom, seedOf, type NonEmpty } from './random.js';
import { makerOf, propertiesOf } from './schema-values.js';

export interface Rows {
  /** Names of the fields, in the schema's order; none where a row is not an object. */
  readonly columns: readonly string[];
  /** The row at this index, from 0; asked twice, it is the same. */
  row(index: number): Json;
}

/** Keys under which an `output_schema` may hold the array of its rows. */
const WRAPPERS: ReadonlySet<string> = new Set(['data', 'items', 'results', 'records', 'rows']);
const DEFAULT_SCHEMA: JsonObject = {
  type: 'object',
  properties: { title: { type: 'string' }, url: { type: 'string' }, price: { type: 'string' } },
};

/**
 * The rows that a task yields: made one by one, from (seed, task definition, index) and nothing else, and conforming to
 * the task's `output_schema`. A task without a usable one yields rows of title, url and price.
 */
export function createRows(seed: number, definition: JsonObject): Rows {
  const root = definition['output_schema'] ?? DEFAULT_SCHEMA;
  const schema = rowSchema(root);
  const make = makerOf(schema, '', root);
  const base = seedOf(`${seed} ${canonicalJson(definition)}`);
  const shop = shopOf(base, definition);
  return {
    columns: schema['type'] === 'object' ? propertiesOf(schema).map(([name]) => name) : [],
    row(index) {
      const random = createRandom(base ^ Math.imul(index + 1, 0x9e3779b1));
      return make({ random, product: createProduct(random, shop, index) });
    },
  };
}

/** The same rows, of which a share, evenly spread, has null in the last field. */
export function withBadRows(rows: Rows, share: number): Rows {
  const field = rows.columns.at(-1);
  const isBad = (index: number): boolean => Math.round((index + 1) * share) > Math.round(index * share);
  return {
    columns: rows.columns,
    row(index) {
      const row = rows.row(index);
      if (!isBad(index)) return row;
      return field !== undefined && isJsonObject(row) ? { ...row, [field]: null } : null;
    },
  };
}

/** The schema of one row: the items of an array, or of the one array under a key such as `items`, else the whole. */
function rowSchema(root: Json): JsonObject {
  const { schema } = plainSchema(root, root);
  if (schema['type'] === 'array') return usable(plainSchema(schema['items'], root).schema);
  const arrays = propertiesOf(schema)
    .filter(([name]) => WRAPPERS.has(name))
    .map(([, property]) => plainSchema(property, root).schema)
    .filter((property) => property['type'] === 'array');
  const [wrapped] = arrays;
  return usable(wrapped && arrays.length === 1 ? plainSchema(wrapped['items'], root).schema : schema);
}

/** A schema that names nothing describes nothing. */
function usable(schema: JsonObject): JsonObject {
  const { type, enum: choices, const: constant } = schema;
  const isEmpty = type === 'object' ? propertiesOf(schema).length === 0 : type === undefined;
  return isEmpty && choices === undefined && constant === undefined ? DEFAULT_SCHEMA : schema;
}

function shopOf(base: number, definition: JsonObject): Shop {
  const random = createRandom(base);
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  const code = Array.from({ length: 6 }, () => letters[random.integer(0, letters.length - 1)] ?? 'A').join('');
  return { code, currency: random.pick(CURRENCIES), origins: originsOf(definition['urls']) };
}

function originsOf(urls: Json | undefined): NonEmpty<string> {
  const texts = Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [];
  const [first = 'https://shop.example', ...others] = texts.flatMap((url) =>
    /^https?:/.test(url) && URL.canParse(url) ? [new URL(url).origin] : [],
  );
  return [first, ...others];
}
