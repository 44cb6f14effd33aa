import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { S3StoreConfig } from '../../../src/domain/store-config.js';

interface KillableLoad {
  readonly table: string;
  readonly run: string;
  /** Each row has this many characters that cannot be compressed away by chance: `sku`, its number, and filling. */
  readonly rows: number;
  readonly width: number;
}

/** Publishes rows with the built store in a process of its own, which can be killed. */
export function startLoad(config: S3StoreConfig, load: KillableLoad, temporary: string): ChildProcess {
  const script = `
    import { openStores } from ${JSON.stringify(resolve('dist/stores/open-stores.js'))};
    const { config, load } = JSON.parse(process.argv[1]);
    const { table, run, rows, width } = load;
    async function* batches() {
      for (let row = 0; row < rows; row += 1) {
        yield [{ execution: run, row, at: '2026-01-01T00:00:00Z', cells: [JSON.stringify(String(row).padEnd(width, 'x'))] }];
      }
    }
    const receipt = await openStores({ lake: config }).get('lake').publish({
      publication: { store: 'lake', table, mode: 'append' }, run, owner: 'me', at: '2026-01-01T00:00:00Z',
      columns: [{ name: 'sku', type: 'text' }], records: rows, rejected: 0, rows: batches(), rejects: (async function* () {})(),
      signal: new AbortController().signal, onProgress: () => undefined,
    });
    console.log(JSON.stringify(receipt));`;
  return spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify({ config, load })], {
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** @returns exit code, and what it has printed */
export async function endOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly said: string }> {
  let said = '';
  child.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}
