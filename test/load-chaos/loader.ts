import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PublishMode } from '../../src/domain/run.js';

/**
 * One publication: rows 0 to `rows`, each with the value `salt`. The table refuses some of them: see {@link refusedOf}. It
 * waits for a lock so short a time that it gives up now and then.
 */
export interface LoaderJob {
  readonly url: string;
  readonly mode: PublishMode;
  readonly run: string;
  readonly at: string;
  readonly salt: number;
  readonly rows: number;
}

/** A table with a check, which only the server can judge, and a width, which titanflow judges itself. */
export function tableSql(mode: PublishMode): string {
  return `CREATE TABLE ${mode}_rows (id bigint CHECK (id % 5000 <> 17), value bigint, text varchar(250))`;
}

/** How many of so many rows are rejects: the check has its rows, and every 7,000th text is too long. */
export function refusedOf(rows: number): number {
  return Math.ceil((rows - 17) / 5000) + Math.ceil((rows - 3) / 7000);
}

export interface Loader {
  readonly process: ChildProcess;
  /** What it said of its publication, or why there is none; empty = it was killed. */
  readonly ended: Promise<string>;
}

const STORES = pathToFileURL(resolve('dist/stores/open-stores.js')).href;
const WAITS = pathToFileURL(resolve('dist/domain/waits.js')).href;

/** Publishes in a process of its own, as a worker does, so that it can be killed. */
export function startLoader(job: LoaderJob): Loader {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, STORES, WAITS, JSON.stringify(job)]);
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  return { process: child, ended: once(child, 'exit').then(() => said.trim()) };
}

const SCRIPT = `
  const [stores, waits, job] = process.argv.slice(1);
  const { openStores } = await import(stores);
  const { NO_WAITS } = await import(waits);
  const { url, mode, run, at, salt, rows } = JSON.parse(job);
  async function* batches() {
    for (let from = 0; from < rows; from += 500) {
      yield Array.from({ length: Math.min(500, rows - from) }, (_, index) => {
        const row = from + index;
        return { execution: run, row, at, cells: [String(row), String(salt), '"' + 'x'.repeat(row % 7000 === 3 ? 300 : 200) + '"'] };
      });
    }
  }
  const store = openStores({ here: { kind: 'postgres', url } }).get('here');
  const columns = [['id', 'bigint'], ['value', 'bigint'], ['text', 'text']].map(([name, type]) => ({ name, type }));
  try {
    const receipt = await store.publish({
      publication: { store: 'here', table: mode + '_rows', mode, ...(mode === 'merge' ? { key: ['id'] } : {}) },
      run, owner: 'chaos', at, columns, records: rows, rejected: 0,
      rows: { [Symbol.asyncIterator]: batches }, rejects: { async *[Symbol.asyncIterator]() {} },
      signal: new AbortController().signal, waits: { ...NO_WAITS, longestMs: 300 }, onProgress() {},
    });
    console.log('published ' + receipt.rows + ', rejected ' + receipt.rejected);
  } catch (error) {
    console.log(error.reason + ': ' + error.message);
  }
  process.exit(0);
`;
