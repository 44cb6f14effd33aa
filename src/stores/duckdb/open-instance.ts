import type { DuckDBInstance } from '@duckdb/node-api';

export const IN_MEMORY = ':memory:';

/**
 * Opens a database with bounded memory: what does not fit goes to `spillFolder`, which DuckDB makes when it needs it.
 * Nothing is ever fetched from the network. The library is loaded only now: most workers never need it.
 */
export async function openInstance(path: string, spillFolder: string, threads: number): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const options = {
    memory_limit: MEMORY_LIMIT,
    threads: String(threads),
    temp_directory: spillFolder,
    // What it frees goes back to the system in time, and not when it happens to be asked for more.
    allocator_background_threads: 'true',
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
  // Whoever else opens the file in this process through the library's cache is refused, or has the same instance.
  return path === IN_MEMORY ? DuckDBInstance.create(path, options) : DuckDBInstance.fromCache(path, options);
}

const MEMORY_LIMIT = '384MB';
