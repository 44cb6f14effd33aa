import type { NonEmpty, Random } from './random.js';

/** Where a task's rows come from: the same for all rows of one task. */
export interface Shop {
  /** Six letters and digits of the task's own, so that two tasks never sell under the same sku. */
  readonly code: string;
  readonly currency: string;
  /** Origins of the task's urls. */
  readonly origins: NonEmpty<string>;
}

/** One thing for sale: the fields of a row all speak of the same. */
export interface Product {
  readonly shop: Shop;
  /** The row's, from 0. */
  readonly index: number;
  readonly brand: string;
  readonly title: string;
  readonly category: string;
  readonly color: string;
  readonly condition: string;
  readonly cents: number;
  /** 2.8 to 5. */
  readonly rating: number;
  readonly reviews: number;
  /** 0 = sold out. */
  readonly stock: number;
}

/** What is known while one row is made. */
export interface RowContext {
  readonly random: Random;
  readonly product: Product;
}

interface Kind {
  readonly noun: string;
  readonly category: string;
  /** Whole units, cheapest and dearest. */
  readonly price: readonly [number, number];
}

const KINDS: NonEmpty<Kind> = [
  { noun: 'Laptop', category: 'Computers', price: [399, 2499] },
  { noun: 'Monitor', category: 'Computers', price: [119, 899] },
  { noun: 'Keyboard', category: 'Computers', price: [19, 189] },
  { noun: 'Headphones', category: 'Audio', price: [29, 399] },
  { noun: 'Speaker', category: 'Audio', price: [39, 599] },
  { noun: 'Camera', category: 'Photo', price: [249, 1999] },
  { noun: 'Coffee Maker', category: 'Kitchen', price: [35, 749] },
  { noun: 'Kettle', category: 'Kitchen', price: [18, 119] },
  { noun: 'Backpack', category: 'Travel', price: [29, 219] },
  { noun: 'Running Shoes', category: 'Sport', price: [49, 229] },
  { noun: 'Desk Lamp', category: 'Home', price: [15, 149] },
  { noun: 'Office Chair', category: 'Home', price: [89, 899] },
];
const BRANDS: NonEmpty<string> = ['Northwind', 'Acme', 'Fabrikam', 'Contoso', 'Halden', 'Orbea', 'Lumen', 'Tidewater'];
const LINES: NonEmpty<string> = ['Aurora', 'Comet', 'Delta', 'Ember', 'Falcon', 'Harbor', 'Quartz', 'Summit', 'Vega'];
const EDITIONS: NonEmpty<string> = ['', ' Pro', ' Mini', ' Plus', ' SE', ' "Studio"', ', 2nd Gen'];
const COLORS: NonEmpty<string> = ['black', 'white', 'silver', 'blue', 'green', 'sand'];
const CONDITIONS: NonEmpty<string> = ['new', 'refurbished', 'used'];

const CENTS: NonEmpty<number> = [0, 50, 90, 95, 99];

export const CURRENCIES: NonEmpty<string> = ['EUR', 'USD', 'GBP'];

/** The product that row `index` of a task describes. */
export function createProduct(random: Random, shop: Shop, index: number): Product {
  const kind = random.pick(KINDS);
  const brand = random.pick(BRANDS);
  return {
    shop,
    index,
    brand,
    title: `${brand} ${random.pick(LINES)} ${kind.noun}${random.pick(EDITIONS)}`,
    category: kind.category,
    color: random.pick(COLORS),
    condition: random.pick(CONDITIONS),
    cents: random.integer(...kind.price) * 100 + random.pick(CENTS),
    rating: random.integer(28, 50) / 10,
    reviews: random.integer(0, 4200),
    stock: random.chance(0.85) ? random.integer(1, 240) : 0,
  };
}
