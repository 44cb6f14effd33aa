import type { Column } from '../../domain/rows.js';
import type { PublishedRows } from '../load-receipt.js';
import type { Load } from '../store.js';
import type { Manifest } from './manifest.js';
import type { PartFile } from './part-file.js';
import type { RejectsFile } from './rejects-file.js';

/** A load that is about to be written, under the table's lock. */
export interface TableChange {
  readonly folder: string;
  readonly load: Load;
  /** The table as it is; undefined = it does not exist yet. */
  readonly manifest: Manifest | undefined;
  /** The table's columns after the load. */
  readonly columns: readonly Column[];
  /** The run's data file. */
  readonly file: PartFile;
  readonly rejects: RejectsFile;
}

export interface WrittenRows {
  /** Rows in the data file; undefined = the table stays as it is, without the file. */
  readonly written: number | undefined;
  readonly counts: PublishedRows;
}
