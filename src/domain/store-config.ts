/** The stores file, after its `${NAME}`s were filled in from the environment. */
export type StoreConfig = FilesStoreConfig | PostgresStoreConfig;

/** JSON Lines files with a manifest per table, on one machine. */
export interface FilesStoreConfig {
  readonly kind: 'files';
  /** Absolute path; the stores file may give one relative to itself. */
  readonly directory: string;
  readonly format: 'jsonl';
}

export interface PostgresStoreConfig {
  readonly kind: 'postgres';
  readonly url: string;
}

/** Store name to its settings. */
export type StoresConfig = Readonly<Record<string, StoreConfig>>;
