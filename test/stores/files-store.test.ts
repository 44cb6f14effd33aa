import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reject } from '../../src/domain/rows.js';
import { readLine } from '../../src/stores/files/json-line.js';
import { openStores } from '../../src/stores/open-stores.js';
import { testStore, type ReadRow } from './contract.js';

testStore('files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-files-'));
  return {
    open: () => openStores({ here: { kind: 'files', directory, format: 'jsonl' } }).get('here'),
    readTable: (table) => readTable(join(directory, table)),
    async readRejects(table, run) {
      const lines = await readLines(join(directory, table, '_rejects', `${run}.jsonl`));
      const rejects = lines.map((line) => JSON.parse(line) as Reject);
      return rejects.map(({ execution, row, reason, raw }) => ({ execution, row, reason, raw }));
    },
    number: (raw) => raw,
    dropTable: (table) => rm(join(directory, table), { recursive: true }),
    stop: () => rm(directory, { recursive: true }),
  };
});

async function readTable(folder: string): Promise<readonly ReadRow[] | undefined> {
  const text = await readFile(join(folder, '_manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    return undefined;
  }
  const { files, columns } = JSON.parse(text) as { files: { name: string }[]; columns: { name: string }[] };
  const rows = (await Promise.all(files.map(({ name }) => readLines(join(folder, name))))).flat().map((line) => {
    const { cells, order } = readLine(line);
    const own = columns.map(({ name }) => [name, decoded(cells.get(name))] as const);
    return {
      order,
      row: Object.fromEntries([...own, ['_titan_execution', order.execution], ['_titan_row', String(order.row)]]),
    };
  });
  rows.sort(({ order: a }, { order: b }) =>
    a.execution === b.execution ? a.row - b.row : a.execution < b.execution ? -1 : 1,
  );
  return rows.map(({ row }) => row);
}

function decoded(raw: string | undefined): string | null {
  if (raw === undefined || raw === 'null') {
    return null;
  }
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

async function readLines(path: string): Promise<readonly string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
}
