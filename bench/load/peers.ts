import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { BenchPostgres } from './postgres.js';
import type { RowsFile } from './rows.js';

/** `psql \copy` of the rows that are in `table` into an equal one: what the server can do. */
export async function copyByPsql(postgres: BenchPostgres, table: string, path: string): Promise<number> {
  await postgres.psql(`\\copy (SELECT * FROM ${table}) TO '${path}'`);
  await postgres.psql('DROP TABLE IF EXISTS peer');
  await postgres.psql(`CREATE TABLE peer (LIKE ${table})`);
  await postgres.psql('CHECKPOINT');
  const seconds = await timed(() => postgres.psql(`\\copy peer FROM '${path}'`));
  await rm(path);
  return seconds;
}

/** DuckDB's own way from the same JSON to Parquet, in a process of its own, with the memory and threads that it likes. */
export async function parquetByDuckDb({ path }: RowsFile, target: string): Promise<number> {
  const columns = `{sku: 'VARCHAR', title: 'VARCHAR', url: 'VARCHAR', price: 'DOUBLE', stock: 'BIGINT', available: 'BOOLEAN',
    rating: 'DOUBLE', "seenAt": 'TIMESTAMPTZ', brand: 'VARCHAR', specs: 'JSON'}`;
  const sql = `COPY (SELECT * FROM read_json('${path}', format = 'array', columns = ${columns})) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`;
  const program = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const connection = await (await DuckDBInstance.create()).connect();
    const began = performance.now();
    await connection.run(process.argv[1]);
    console.log((performance.now() - began) / 1000);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, sql]);
  return Number(stdout);
}

/** The vendor's guide: the whole body in memory, then what people write by themselves, a row at a time. */
export async function loadAsGuided(postgres: BenchPostgres, file: RowsFile, url: string): Promise<number> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`DROP TABLE IF EXISTS guided; CREATE TABLE guided (sku text, title text, url text, price numeric, stock bigint,
    available boolean, rating numeric, "seenAt" timestamptz, brand text, specs jsonb)`);
  const seconds = await timed(async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the guide's users do not check either
    const rows = (await (await fetch(url)).json()) as Record<string, unknown>[];
    if (rows.length !== file.rows) throw new Error(`${rows.length} of ${file.rows} rows came`);
    for (const row of rows) {
      const { sku, title, url: page, price, stock, available, rating, seenAt, brand, specs } = row;
      await client.query('INSERT INTO guided VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        sku,
        title,
        page,
        price,
        stock,
        available,
        rating,
        seenAt,
        brand,
        specs,
      ]);
    }
  });
  await client.end();
  return seconds;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
