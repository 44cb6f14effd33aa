/** The stores file, after its `${NAME}`s were filled in from the environment. */
export type StoreConfig = DuckDbStoreConfig | FilesStoreConfig | PostgresStoreConfig | S3StoreConfig;

export type FileFormat = 'jsonl' | 'csv' | 'parquet';

/** How a store of files writes its rows. */
interface FileOptions {
  readonly format: FileFormat;
  /** CSV only: no text shall be a formula for a spreadsheet. Default false. */
  readonly escapeFormulas?: boolean;
}

/** Files with a manifest per table, on one machine. */
export interface FilesStoreConfig extends FileOptions {
  readonly kind: 'files';
  /** Absolute path; the stores file may give one relative to itself. */
  readonly directory: string;
}

/** The same files in a bucket, of S3 or of a server that speaks its language and knows conditional writes. */
export interface S3StoreConfig extends FileOptions {
  readonly kind: 's3';
  readonly bucket: string;
  /** Before every key; without slashes at its ends. Empty: none. */
  readonly prefix: string;
  /** Default: that of AWS in the region. */
  readonly endpoint?: string;
  /** Default: as the AWS SDK finds it; `us-east-1` where there is an endpoint. */
  readonly region?: string;
  /** Both or none; default: as the AWS SDK finds them in environment, profile or machine. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** The bucket in the path, not in the host's name. Default: where there is an endpoint. */
  readonly forcePathStyle?: boolean;
}

/** A DuckDB database file on one machine, open only while something is done with it. */
export interface DuckDbStoreConfig {
  readonly kind: 'duckdb';
  /** Absolute; the stores file may give one relative to itself. */
  readonly path: string;
}

export interface PostgresStoreConfig {
  readonly kind: 'postgres';
  readonly url: string;
}

/** Store name to its settings. */
export type StoresConfig = Readonly<Record<string, StoreConfig>>;
