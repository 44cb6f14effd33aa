import type { Product } from './product.js';

type Reading<Value> = (product: Product) => Value;

/** What fields with telling names hold, by type. Names are in lower case with nothing but letters. */
const TEXTS: Readonly<Record<string, Reading<string>>> = {
  title: ({ title }) => title,
  brand: ({ brand }) => brand,
  category: ({ category }) => category,
  description: ({ title, color }) => `${title} in ${color}. Free returns within 30 days.`,
  color: ({ color }) => color,
  condition: ({ condition }) => condition,
  sku: ({ shop, index }) => `${shop.code}-${serialOf(index)}`,
  url: (product) => `${originOf(product)}/p/${slugOf(product)}`,
  image: (product) => `${originOf(product)}/images/${slugOf(product)}.jpg`,
  // A reserved name: nobody sends a credential to a stranger while trying things out.
  media: ({ shop, index }) => `https://media.titan.example/media/${shop.code}-${serialOf(index)}.jpg`,
  price: ({ cents }) => (cents / 100).toFixed(2),
  listprice: ({ cents }) => (listCents(cents) / 100).toFixed(2),
  currency: ({ shop }) => shop.currency,
  instock: ({ stock }) => (stock > 0 ? 'in stock' : 'out of stock'),
};

const NUMBERS: Readonly<Record<string, Reading<number>>> = {
  sku: ({ index }) => index + 1,
  price: ({ cents }) => cents / 100,
  listprice: ({ cents }) => listCents(cents) / 100,
  rating: ({ rating }) => rating,
  reviews: ({ reviews }) => reviews,
  position: ({ index }) => index + 1,
  quantity: ({ stock }) => stock,
  instock: ({ stock }) => stock,
};

const BOOLEANS: Readonly<Record<string, Reading<boolean>>> = {
  instock: ({ stock }) => stock > 0,
};

const ALIASES: Readonly<Record<string, string>> = {
  name: 'title',
  productname: 'title',
  producttitle: 'title',
  manufacturer: 'brand',
  seller: 'brand',
  vendor: 'brand',
  department: 'category',
  summary: 'description',
  snippet: 'description',
  colour: 'color',
  id: 'sku',
  productid: 'sku',
  itemid: 'sku',
  asin: 'sku',
  link: 'url',
  href: 'url',
  producturl: 'url',
  imageurl: 'image',
  thumbnail: 'image',
  photo: 'image',
  picture: 'image',
  amount: 'price',
  cost: 'price',
  currentprice: 'price',
  saleprice: 'price',
  originalprice: 'listprice',
  currencycode: 'currency',
  stars: 'rating',
  reviewcount: 'reviews',
  reviewscount: 'reviews',
  ratingcount: 'reviews',
  rank: 'position',
  stock: 'quantity',
  stockcount: 'quantity',
  available: 'instock',
  availability: 'instock',
  isavailable: 'instock',
};

/** Fields by which rows are told apart. */
const IDENTITY: ReadonlySet<string> = new Set(['sku', 'url', 'title']);

/** How a text field of this name reads a product; undefined = the name tells nothing. */
export function textField(name: string): Reading<string> | undefined {
  const number = numberField(name);
  return own(TEXTS, plainName(name)) ?? (number && ((product) => String(number(product))));
}

export function numberField(name: string): Reading<number> | undefined {
  return own(NUMBERS, plainName(name));
}

export function booleanField(name: string): Reading<boolean> | undefined {
  return own(BOOLEANS, plainName(name));
}

/** Whether rows are told apart by this field, so that it must never be null. */
export function isIdentity(name: string): boolean {
  return IDENTITY.has(plainName(name));
}

/** `listPrice` and `list_price` are `listprice`; `productName` is `title`. */
function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return own(ALIASES, plain) ?? plain;
}

/** A field may be called `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function serialOf(index: number): string {
  return String(index + 1).padStart(6, '0');
}

function slugOf({ title, index }: Product): string {
  return `${title.toLowerCase().replace(/[^a-z\d]+/g, '-')}-${serialOf(index)}`.replace('--', '-');
}

function originOf({ shop, index }: Product): string {
  return shop.origins[index % shop.origins.length] ?? shop.origins[0];
}

function listCents(cents: number): number {
  return Math.round(cents * 1.15);
}
