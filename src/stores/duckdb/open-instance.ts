import type { DuckDBInstance } from '@duckdb/node-api';

/**
 * Opens a database with bounded memory: what does not fit goes to `spillFolder`, which DuckDB makes when it needs it.
 * Nothing is ever fetched from the network. The library is loaded only now: most workers never need it.
 *
 * @param path `:memory:` = none on disk
 */
export async function openInstance(path: string, spillFolder: string, threads: number): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return DuckDBInstance.create(path, {
    memory_limit: MEMORY_LIMIT,
    threads: String(threads),
    temp_directory: spillFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

const MEMORY_LIMIT = '384MB';
