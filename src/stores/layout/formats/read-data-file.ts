import type { Column } from '../../../domain/rows.js';
import { readParquetLines } from '../../parquet/read-parquet-lines.js';
import { readCsvLines } from './csv-format.js';
import type { DataFile } from '../manifest.js';
import { readLines } from '../read-lines.js';

/** A data file on this machine. */
export interface DataFileToRead {
  readonly file: Pick<DataFile, 'name' | 'escapedFormulas'>;
  readonly path: string;
  /** The table's. */
  readonly columns: readonly Column[];
  /** A folder for files of one's own. */
  readonly work: string;
  readonly signal: AbortSignal;
}

/** The rows of a data file as lines, in batches, by what its name ends in. */
export function readDataFile(data: DataFileToRead): AsyncGenerator<readonly string[]> {
  if (data.file.name.endsWith('.csv')) {
    return readCsvLines(data);
  }
  return data.file.name.endsWith('.parquet') ? readParquetLines(data) : readLines(data.path, data.signal);
}
