import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Publication } from '../../src/domain/run.js';
import { freePort } from '../../src/free-port.js';
import { startServer } from '../temporal-server.js';
import { loadByUs, type OurLoad } from './ours.js';
import { copyByPsql, loadAsGuided, parquetByDuckDb } from './peers.js';
import { startPostgres } from './postgres.js';
import { createResults } from './results.js';
import { writeRows, type RowsFile } from './rows.js';

/** How fast an export becomes committed rows, and what memory that takes, beside what others do with the same rows. */
const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '100,1000' }, rounds: { type: 'string', default: '5,3' } },
});
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
const results = createResults();

const APPEND = { store: 'warehouse', table: 'appended', mode: 'append' } as const;
const MERGE = { store: 'warehouse', table: 'merged', mode: 'merge', key: ['sku'] } as const;

async function into(file: RowsFile, publication: Publication): Promise<OurLoad> {
  say(`${file.megabytes} MB: ${publication.mode} into ${publication.store}`);
  if (publication.store === 'warehouse') await postgres.psql('CHECKPOINT');
  return loadByUs(place, file, warmUp, publication);
}

async function measure(megabytes: number, rounds: number): Promise<void> {
  say(`${megabytes} MB: writing the rows`);
  const file = await writeRows(join(directory, `rows-${megabytes}.json`), megabytes, false);
  const dearer = await writeRows(join(directory, `dearer-${megabytes}.json`), megabytes, true);

  // Once for nothing: whoever comes first must make the files of the write-ahead log, which the others use again.
  await into(file, { ...APPEND, table: 'rehearsed' });
  await into(file, MERGE);
  for (let round = 1; round <= rounds; round += 1) {
    say(`${megabytes} MB: round ${round} of ${rounds}`);
    // All keys are there, and half of the rows have another price than in the round before.
    await measureRound(file, round % 2 === 1 ? dearer : file);
  }
  await postgres.psql('DROP TABLE rehearsed, merged');
  if (megabytes <= MOST_IN_MEMORY) {
    results.add(file, "the guide's way: all in memory, row by row", { publishSeconds: await guided(file) });
  }
  await Promise.all([file, dearer].map(({ path }) => rm(path)));
}

const MOST_IN_MEMORY = 100;

async function measureRound(file: RowsFile, merged: RowsFile): Promise<void> {
  results.add(file, 'Postgres, append', await besidePsql(file, () => into(file, APPEND)));
  await postgres.psql('DROP TABLE appended');
  await postgres.psql('VACUUM ANALYZE merged');
  const merge = await besidePsql(file, () => into(merged, MERGE));
  results.add(file, 'Postgres, merge: all keys there, half of them changed', merge);
  results.add(file, 'files, JSON lines', await into(file, { store: 'lines', table: 'lines', mode: 'append' }));
  const duckDb = await parquetByDuckDb(file, join(directory, 'peer.parquet'));
  results.add(file, "DuckDB's COPY to Parquet", { publishSeconds: duckDb });
  const parquet = await into(file, { store: 'lake', table: 'lake', mode: 'append' });
  results.add(file, 'files, Parquet', { ...parquet, peerSeconds: duckDb });
}

async function besidePsql(file: RowsFile, load: () => Promise<OurLoad>) {
  const peerSeconds = await copyByPsql(postgres, 'rehearsed', join(directory, 'rows.copy'));
  results.add(file, 'psql \\copy into an equal table', { publishSeconds: peerSeconds });
  await postgres.psql('DROP TABLE peer');
  return { ...(await load()), peerSeconds };
}

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
  const rounds = values.rounds.split(',').map(Number);
  for (const [position, megabytes] of values.megabytes.split(',').map(Number).entries()) {
    await measure(megabytes, rounds[position] ?? rounds[0] ?? 1);
  }
  console.log(results.toString());
} finally {
  await postgres.stop();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);
