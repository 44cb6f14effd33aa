import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../user-error.js';

/** Where `dev --live` keeps Temporal's state: what is paid for must not end with a terminal. */
export interface LiveState {
  readonly dbFile: string;
  release(): Promise<void>;
}

const DIRECTORY = '.titanflow/dev';

/**
 * Takes the state of this directory, for one process at a time.
 *
 * @param version of the Temporal CLI: another one may not read the file
 * @throws UserError while another process has it
 */
export async function openLiveState(version: string): Promise<LiveState> {
  await mkdir(DIRECTORY, { recursive: true });
  const lock = join(DIRECTORY, 'live.pid');
  await takeLock(lock);
  const [number = 'any'] = /\d+(?:\.\d+)+/u.exec(version) ?? [];
  return { dbFile: join(DIRECTORY, `temporal-${number}.db`), release: () => rm(lock, { force: true }) };
}

async function takeLock(lock: string): Promise<void> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isAlive(holder)) {
      throw new UserError(2, `\`titanflow dev --live\` runs in this directory already (process ${holder}, ${lock})`);
    }
    // Its process was killed.
    await rm(lock, { force: true });
    await takeLock(lock);
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
