import { PROVENANCE_COLUMNS, type Column } from '../domain/rows.js';
import { refused } from './publication-rules.js';

/** Two names that are the same are one to DuckDB, in its tables as in its Parquet files: it takes `A` for `a`, not `Ä` for `ä`. */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @throws StoreError where two columns differ only in case, and so would be one. */
export function requireDistinctNames(table: string, columns: readonly Pick<Column, 'name'>[]): void {
  const seen = new Map<string, string>();
  for (const { name } of [...PROVENANCE_COLUMNS, ...columns]) {
    const twin = seen.get(foldName(name));
    if (twin !== undefined && twin !== name) {
      throw refused(
        table,
        `its columns ${JSON.stringify(twin)} and ${JSON.stringify(name)} differ only in case, which DuckDB does not tell apart; rename one of them`,
      );
    }
    seen.set(foldName(name), name);
  }
}
