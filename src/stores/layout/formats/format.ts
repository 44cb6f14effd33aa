import type { Column, Row } from '../../../domain/rows.js';
import type { FileEnding } from '../file-names.js';
import type { DocumentWriting } from '../../parquet/write-document.js';
import type { LocalFile } from '../local-file.js';
import type { DataFile } from '../manifest.js';

/** How rows lie in the data files of a store. Between files they are lines, as `createLineWriter` writes them. */
export interface Format {
  readonly ending: FileEnding;
  /** A file has types of its own, which one reader of all files must find to be the same. */
  readonly isTyped?: boolean;
  /** @throws StoreError where its readers could not tell the columns apart */
  requireColumns(table: string, columns: readonly Column[]): void;
  /**
   * @param columns those that the rows travel with
   * @param types the same, with the types that the table has for them
   * @returns gives the row as the format holds it; a text says why it cannot be held
   */
  createFitting(columns: readonly Column[], types: readonly Column[]): (row: Row) => Row | string;
  /** @returns the data file: `path`, or the lines' own file where it is one already */
  write(job: FormatJob): Promise<WrittenFile>;
  /** Where a document can be read as it is: its data file, as `write` would make it of its rows. */
  writeDocument?(writing: DocumentWriting): Promise<WrittenFile>;
}

interface FormatJob {
  readonly lines: LocalFile;
  readonly columns: readonly Column[];
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface WrittenFile extends LocalFile {
  /** What the manifest has to say of it. */
  readonly marks?: Pick<DataFile, 'escapedFormulas'>;
}
