import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores } from '../../src/stores/open-stores.js';
import { testStore } from './contract.js';
import { readPublished, readPublishedRejects } from './layout/read-published.js';

describeFormat('jsonl');
describeFormat('csv');
describeFormat('parquet');

function describeFormat(format: 'jsonl' | 'csv' | 'parquet'): void {
  testStore(`files, as ${format}`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'titanflow-files-'));
    const filesOf = (table: string) => (name: string) => readFile(join(directory, table, name)).catch(() => undefined);
    return {
      open: () => openStores({ here: { kind: 'files', directory, format } }).get('here'),
      readTable: (table) => readPublished(filesOf(table)),
      readRejects: (table, run) => readPublishedRejects(filesOf(table), run),
      number: (raw) => (format === 'parquet' ? String(Number(raw)) : raw),
      dropTable: (table) => rm(join(directory, table), { recursive: true }),
      stop: () => rm(directory, { recursive: true }),
    };
  });
}
