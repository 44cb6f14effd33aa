import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import type { Format } from './formats/format.js';
import type { LaidDownRows } from './incoming-load.js';
import type { Manifest } from './manifest.js';
import type { TablePlace } from './place.js';
import type { PlacedFiles } from './placed-files.js';

/** How a store lays out its tables. */
export interface Layout {
  readonly format: Format;
  /** How many keys of rows are held in memory at once. */
  readonly keysAtOnce: number;
}

/** Rows that were laid down and are about to go into a table as it is now. */
export interface TableChange {
  readonly layout: Layout;
  readonly place: TablePlace;
  /** Where the change puts its files. */
  readonly placed: PlacedFiles;
  /** The folder for the load's own files. */
  readonly work: string;
  readonly publication: Pick<Publication, 'table' | 'mode' | 'key'>;
  readonly incoming: LaidDownRows;
  /** The table as it is; undefined = it does not exist yet. */
  readonly manifest: Manifest | undefined;
  /** The table's columns after the change. */
  readonly columns: readonly Column[];
  readonly signal: AbortSignal;
}
