import type { NonEmpty } from '../../../src/emulator/random.js';

/** Tables that rows are loaded into. */
export const TABLES = [
  'products',
  'each_products',
  'inner_products',
  'hostile_products',
] as const satisfies NonEmpty<string>;

export type Table = (typeof TABLES)[number];
