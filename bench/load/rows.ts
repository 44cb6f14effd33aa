import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

/** What a scraped product may look like: ten columns, one of them nested. */
export const OUTPUT_SCHEMA = {
  type: 'object',
  properties: {
    sku: { type: 'string' },
    title: { type: 'string' },
    url: { type: 'string', format: 'uri' },
    price: { type: 'number' },
    stock: { type: 'integer' },
    available: { type: 'boolean' },
    rating: { type: 'number' },
    seenAt: { type: 'string', format: 'date-time' },
    brand: { type: 'string' },
    specs: { type: 'object' },
  },
  required: ['sku', 'price'],
};

export interface RowsFile {
  readonly path: string;
  readonly rows: number;
  readonly megabytes: number;
}

/**
 * Writes a JSON array of products, the same ones every time.
 *
 * @param dearer every second product costs more than in the file without it
 */
export async function writeRows(path: string, megabytes: number, dearer: boolean): Promise<RowsFile> {
  const file = createWriteStream(path, { highWaterMark: CHUNK });
  let rows = 0;
  let bytes = 0;
  let text = '[';
  while (bytes + text.length < megabytes * 1e6) {
    text += `${rows === 0 ? '' : ',\n'}${JSON.stringify(product(rows, dearer && rows % 2 === 1 ? 1 : 0))}`;
    rows += 1;
    if (text.length < CHUNK) continue;
    bytes += text.length;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(`${text}]\n`);
  await finished(file);
  return { path, rows, megabytes };
}

const CHUNK = 1024 * 1024;
const BRANDS = ['Acme', 'Globex', 'Initech', 'Umbrella'];

function product(index: number, surcharge: number): unknown {
  const random = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return {
    sku: `SKU-${String(index).padStart(9, '0')}`,
    title: `Laptop ${random % 100_000} with ${8 << (random % 4)} GB of memory, silent, light, in ${random % 12} colours`,
    url: `https://shop-${random % 97}.example/products/${index}/laptop-${random % 100_000}?from=list&page=${random % 50}`,
    price: (random % 200_000) / 100 + surcharge,
    stock: random % 500,
    available: random % 5 > 0,
    rating: (random % 50) / 10,
    seenAt: new Date(1_760_000_000_000 + index * 1000).toISOString(),
    brand: BRANDS[random % BRANDS.length],
    specs: { cpu: `c${random % 12}`, cores: 4 + (random % 12), tags: ['new', 'eu'] },
  };
}
