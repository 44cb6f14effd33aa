import { requireDistinctNames } from '../../distinct-names.js';
import { writeDocument } from '../../parquet/write-document.js';
import { writeParquet } from '../../parquet/write-parquet.js';
import { createTypedRow } from '../../typed-row.js';
import type { Format } from './format.js';
import { localFile } from '../local-file.js';

/** Typed columns: a number is a double, so digits beyond its 15 to 17 are lost; integers, texts and JSON stay exact. */
export const parquetFormat: Format = {
  ending: 'parquet',
  isTyped: true,
  requireColumns: requireDistinctNames,
  createFitting: createTypedRow,
  async write({ lines, columns, path, signal }) {
    await writeParquet({ lines: lines.path, columns, path, signal });
    return localFile(path);
  },
  async writeDocument(writing) {
    await writeDocument(writing);
    return localFile(writing.path);
  },
};
