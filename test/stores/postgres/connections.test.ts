import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoreError, type Store } from '../../../src/stores/store.js';
import { startOwnPostgres, type TestPostgres } from '../../helpers/postgres.js';
import { openUrl } from './with-postgres.js';

const run = promisify(execFile);
const opened: Store[] = [];
let folder: string;
let tls: TestPostgres;
let standby: TestPostgres;
let plain: TestPostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'titanflow-connections-'));
  // The server's user must be able to make its socket there.
  await chmod(folder, 0o777);
  await makeCertificates();
  [tls, standby, plain] = await Promise.all([
    startOwnPostgres(),
    startOwnPostgres({ isStandby: true }),
    startOwnPostgres({ settings: [`unix_socket_directories=${folder}`] }),
  ]);
  await query(tls.url, `ALTER SYSTEM SET ssl_cert_file = 'server.pem'`);
  const data = (await query(tls.url, 'SHOW data_directory'))[0]?.['data_directory'];
  await installServerCertificate(String(data));
  await query(tls.url, `ALTER SYSTEM SET ssl_key_file = 'server.key'`);
  await query(tls.url, `ALTER SYSTEM SET ssl_ca_file = 'ca.pem'`);
  // With channel binding, except to one database.
  await writeFile(
    join(String(data), 'pg_hba.conf'),
    'host template1 all all password\nhost all all all scram-sha-256\n',
  );
  await query(tls.url, `ALTER SYSTEM SET ssl = on`);
  await query(tls.url, 'SELECT pg_reload_conf()');
  await vi.waitFor(async () => {
    const [row] = await query(tls.url, 'SHOW ssl');
    if (row?.['ssl'] !== 'on') throw new Error('the server has not read its settings again');
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

afterAll(async () => {
  await Promise.all([tls, standby, plain].map((server) => server?.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe('TLS', () => {
  it.each([
    ['', true],
    ['sslmode=disable', false],
    ['sslmode=allow', false],
    ['sslmode=prefer', true],
    ['sslmode=require', true],
    ['sslmode=no-verify', true],
    ['ssl=true', true],
    ['sslmode=require&sslrootcert=CA', true],
    ['sslmode=verify-ca&sslrootcert=CA', true],
    ['sslmode=require&sslnegotiation=direct', true],
    ['sslmode=require&channel_binding=require', true],
    ['sslmode=require&ssl_min_protocol_version=TLSv1.3', true],
    ['sslmode=require&sslcert=CERT&sslkey=KEY', true],
  ])('with ?%s: %s', async (parameters, isEncrypted) => {
    const { store, seen } = await looking(tls.url, parameters);
    await expect(check(store)).resolves.toBeUndefined();
    expect(await seen()).toBe(isEncrypted);
  });

  it.each([
    ['sslmode=verify-full', /self-signed|unable to/i],
    ['sslrootcert=system', /self-signed|unable to/i],
    // The certificate is made out to another name.
    ['sslmode=verify-full&sslrootcert=CA', /does not match certificate/],
    ['sslmode=verify-ca&sslrootcert=OTHER', /self-signed|unable to/i],
    ['sslmode=require&sslrootcert=OTHER', /self-signed|unable to/i],
    [
      'sslmode=verify-ca&sslrootcert=/nowhere/ca.pem',
      /sslrootcert of store "here" cannot be read \(ENOENT\): \/nowhere\/ca.pem/,
    ],
  ])('with ?%s it does not trust this server', async (parameters, why) => {
    const failure = await failureOf(open(tls.url, parameters));
    expect(failure).toMatchObject({ reason: 'setup' });
    expect(failure.message).toMatch(why);
  });

  it('verifies the name that the certificate is made out to', async () => {
    const url = new URL(tls.url);
    url.hostname = 'localhost';
    await expect(check(open(url.href, 'sslmode=verify-full&sslrootcert=CA'))).resolves.toBeUndefined();
  });

  it('binds the password to it, or does not give it', async () => {
    const url = tls.url.replace(/postgres$/, 'template1');
    const failure = await failureOf(open(url, 'sslmode=require&channel_binding=require'));
    expect(failure).toMatchObject({ reason: 'setup' });
    expect(failure.message).toContain('does not offer SCRAM-SHA-256-PLUS');
  });

  it('is asked of a server that has none', async () => {
    expect(await failureOf(open(plain.url, 'sslmode=require'))).toMatchObject({
      reason: 'setup',
      message: expect.stringContaining('does not support SSL'),
    });
    await expect(check(open(plain.url, 'sslmode=prefer'))).resolves.toBeUndefined();
  });
});

describe('the rest of a URL', () => {
  it('is a Unix socket', async () => {
    const { port, password } = new URL(plain.url);
    const sockets = [
      `postgresql://postgres:${password}@/postgres?host=${folder}&port=${port}`,
      `postgresql://postgres:${password}@${encodeURIComponent(folder)}:${port}/postgres`,
    ];
    for (const url of sockets) await expect(check(openAs(url))).resolves.toBeUndefined();
  });

  it('sets options and a name', async () => {
    const { store, client } = await watching(plain.url, 'options=-c work_mem=7MB&application_name=etl');
    await check(store);
    const names = await client(
      'SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE application_name = $$etl$$',
    );
    expect(names).toEqual([{ name: 'etl' }]);
  });

  it('is not filled in from the environment', async () => {
    vi.stubEnv('PGPASSWORD', 'canary');
    vi.stubEnv('PGOPTIONS', '-c no_such_setting=1');
    vi.stubEnv('PGSSLMODE', 'verify-full');
    await expect(check(openAs(plain.url))).resolves.toBeUndefined();
    const url = new URL(plain.url);
    url.password = '';
    const failure = await failureOf(openAs(url.href));
    expect(failure).toMatchObject({ reason: 'setup' });
    expect(failure.message).toContain('has no password, and the server asks for one');
    expect(failure.message).not.toContain('canary');
  });

  it('has a password that is wrong', async () => {
    const url = new URL(plain.url);
    url.password = 'canary';
    const failure = await failureOf(openAs(url.href));
    expect(failure).toMatchObject({ reason: 'setup' });
    expect(failure.message).toMatch(/28P01/);
    expect(failure.message).not.toContain('canary');
  });
});

describe('several hosts', () => {
  it.each(['', 'target_session_attrs=read-write', 'target_session_attrs=primary'])(
    'the first of which is down, or a standby, with ?%s',
    async (parameters) => {
      const hosts = ['127.0.0.1:1', hostOf(standby), hostOf(plain)];
      await expect(check(open(together(hosts), parameters))).resolves.toBeUndefined();
    },
  );

  it('of which none takes writes may work later', async () => {
    const failure = await failureOf(openAs(together(['127.0.0.1:1', hostOf(standby)])));
    expect(failure).toMatchObject({ reason: 'unavailable' });
    expect(failure.message).toContain('127.0.0.1:1/postgres: connect ECONNREFUSED');
    expect(failure.message).toContain(`${hostOf(standby)}/postgres: it takes no writes`);
  });

  it('of which any is wanted: the first that answers', async () => {
    const failure = await failureOf(open(together([hostOf(standby), hostOf(plain)]), 'target_session_attrs=any'));
    expect(failure).toMatchObject({ reason: 'unavailable' });
    expect(failure.message).toMatch(/during recovery|read-only/);
  });

  it('of which none answers in time', async () => {
    // An address that nobody has.
    const hosts = ['192.0.2.1:5432', hostOf(plain)];
    await expect(check(open(together(hosts), 'connect_timeout=1'))).resolves.toBeUndefined();
  });

  it('one of which is promoted while a run waits', async () => {
    const store = openAs(standby.url);
    expect(await failureOf(store)).toMatchObject({ reason: 'unavailable' });
    await query(standby.url, 'SELECT pg_promote()');
    await expect(check(store)).resolves.toBeUndefined();
  });
});

function check(store: Store): Promise<void> {
  return store.check({ store: 'here', table: 'prices', mode: 'append' }, 'a test', []);
}

async function failureOf(store: Store): Promise<StoreError> {
  const failure: unknown = await check(store).catch((error: unknown) => error);
  if (!(failure instanceof StoreError)) throw new Error(`not a StoreError: ${String(failure)}`);
  return failure;
}

function openAs(url: string): Store {
  const store = openUrl(url);
  opened.push(store);
  return store;
}

function open(url: string, parameters: string): Store {
  const paths = { CA: 'ca.pem', OTHER: 'other.pem', CERT: 'client.pem', KEY: 'client.key' };
  const query = parameters.replaceAll(
    /=(CA|OTHER|CERT|KEY)\b/g,
    (_, name: keyof typeof paths) => `=${join(folder, paths[name])}`,
  );
  return openAs(query === '' ? url : `${url}?${query}`);
}

/** A store, and somebody who looks at its server. */
async function watching(url: string, parameters: string) {
  return { store: open(url, parameters), client: (text: string) => query(url, text) };
}

async function looking(url: string, parameters: string) {
  const { store, client } = await watching(
    url,
    parameters === '' ? 'application_name=looked-at' : `${parameters}&application_name=looked-at`,
  );
  const seen = async () => {
    const [row] = await client(
      `SELECT bool_or(s.ssl) AS ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE application_name = 'looked-at'`,
    );
    return row?.['ssl'];
  };
  return { store, seen };
}

function hostOf({ url }: TestPostgres): string {
  return new URL(url).host;
}

function together(hosts: readonly string[]): string {
  return `postgresql://postgres:${new URL(plain.url).password}@${hosts.join(',')}/postgres`;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function makeCertificates(): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  for (const name of ['ca', 'other']) {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  }
  for (const [name, subject] of [
    ['server', 'localhost'],
    ['client', 'postgres'],
  ] as const) {
    await openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${subject}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.pem`,
    );
  }
}

/** The server refuses a key that others may read, or that is not its own: it makes its copy itself. */
async function installServerCertificate(data: string): Promise<void> {
  for (const name of ['server.pem', 'server.key', 'ca.pem']) {
    await copyFile(join(folder, name), join(data, name));
    await chmod(join(data, name), 0o600);
  }
  if (process.getuid?.() === 0)
    await run('chown', [
      '--reference',
      data,
      ...['server.pem', 'server.key', 'ca.pem'].map((name) => join(data, name)),
    ]);
}
