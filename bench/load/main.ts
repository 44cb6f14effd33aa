import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Publication } from '../../src/domain/run.js';
import { freePort } from '../../src/free-port.js';
import { startServer } from '../temporal-server.js';
import { loadByUs, type OurLoad } from './ours.js';
import { copyByPsql, loadAsGuided, parquetByDuckDb } from './peers.js';
import { startPostgres } from './postgres.js';
import { writeRows, type RowsFile } from './rows.js';

/** How fast an export becomes committed rows, and what memory that takes, beside what others do with the same rows. */
const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '100,1000' } } });
const say = (line: string): void => console.error(line);

const server = await startServer(say);
const postgres = await startPostgres();
const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
const stores = `
stores:
  warehouse: { kind: postgres, url: "${postgres.url}" }
  lines: { kind: files, directory: ./out, format: jsonl }
  lake: { kind: files, directory: ./lake, format: parquet }
`;
const warmUp = await writeRows(join(directory, 'warm-up.json'), 100, false);
const place = { temporalAddress: server.address, directory, stores };
const table = new Table({
  style: { head: [], border: [] },
  head: ['rows', 'load', 'rows/s', 'beside', 'from the first byte', 'beside', 'peak MB'],
});

function tell(file: RowsFile, name: string, load: OurLoad, peerSeconds?: number): void {
  const share = (seconds: number): string =>
    peerSeconds === undefined ? '' : `${((100 * peerSeconds) / seconds).toFixed(0)} %`;
  const { publishSeconds, wholeSeconds, peakMegabytes } = load;
  table.push([
    `${file.megabytes} MB`,
    name,
    perSecond(file, publishSeconds),
    share(publishSeconds),
    perSecond(file, wholeSeconds),
    share(wholeSeconds),
    peakMegabytes.toFixed(0),
  ]);
}

function tellPeer(file: RowsFile, name: string, seconds: number): void {
  table.push([`${file.megabytes} MB`, name, perSecond(file, seconds), '', '', '', '']);
}

function perSecond({ rows }: RowsFile, seconds: number): string {
  return Math.round(rows / seconds).toLocaleString('en');
}

async function into(file: RowsFile, publication: Publication): Promise<OurLoad> {
  say(`${file.megabytes} MB: ${publication.mode} into ${publication.store}`);
  if (publication.store === 'warehouse') await postgres.psql('CHECKPOINT');
  return loadByUs(place, file, warmUp, publication);
}

async function measure(megabytes: number): Promise<void> {
  say(`${megabytes} MB: writing the rows`);
  const file = await writeRows(join(directory, `rows-${megabytes}.json`), megabytes, false);
  const dearer = await writeRows(join(directory, `dearer-${megabytes}.json`), megabytes, true);

  // Once for nothing: whoever comes first must make the files of the write-ahead log, which the others use again.
  await into(file, { store: 'warehouse', table: 'rehearsed', mode: 'append' });
  const psql = await copyByPsql(postgres, 'rehearsed', join(directory, 'rows.copy'));
  tellPeer(file, 'psql \\copy into an equal table', psql);
  await postgres.psql('DROP TABLE rehearsed, peer');
  tell(file, 'Postgres, append', await into(file, { store: 'warehouse', table: 'appended', mode: 'append' }), psql);
  await postgres.psql('DROP TABLE appended');

  const merge = { store: 'warehouse', table: 'merged', mode: 'merge', key: ['sku'] } as const;
  await into(file, merge);
  await postgres.psql('VACUUM ANALYZE merged');
  tell(dearer, 'Postgres, merge: all keys there, half of them changed', await into(dearer, merge), psql);
  await postgres.psql('DROP TABLE merged');

  tell(file, 'files, JSON lines', await into(file, { store: 'lines', table: 'lines', mode: 'append' }));
  const duckDb = await parquetByDuckDb(file, join(directory, 'peer.parquet'));
  tellPeer(file, "DuckDB's COPY to Parquet", duckDb);
  tell(file, 'files, Parquet', await into(file, { store: 'lake', table: 'lake', mode: 'append' }), duckDb);

  if (megabytes <= MOST_IN_MEMORY) tellPeer(file, "the guide's way: all in memory, row by row", await guided(file));
  await Promise.all([file, dearer].map(({ path }) => rm(path)));
}

const MOST_IN_MEMORY = 100;

async function guided(file: RowsFile): Promise<number> {
  say(`${file.megabytes} MB: as the guide has it`);
  const port = await freePort(0);
  const files = createServer((_, response) => createReadStream(file.path).pipe(response)).listen(port, '127.0.0.1');
  try {
    return await loadAsGuided(postgres, file, `http://127.0.0.1:${port}/`);
  } finally {
    files.close();
  }
}

try {
  for (const megabytes of values.megabytes.split(',').map(Number)) await measure(megabytes);
  console.log(table.toString());
} finally {
  await postgres.stop();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);
