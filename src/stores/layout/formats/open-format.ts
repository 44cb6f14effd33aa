import type { FileFormat } from '../../../domain/store-config.js';
import { createCsvFormat } from './csv-format.js';
import type { Format } from './format.js';
import { jsonlFormat } from './jsonl-format.js';
import { parquetFormat } from './parquet-format.js';

interface FormatConfig {
  readonly format: FileFormat;
  readonly escapeFormulas?: boolean;
}

export function openFormat({ format, escapeFormulas = false }: FormatConfig): Format {
  switch (format) {
    case 'jsonl':
      return jsonlFormat;
    case 'csv':
      return createCsvFormat(escapeFormulas);
    case 'parquet':
      return parquetFormat;
  }
}
