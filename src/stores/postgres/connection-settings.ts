import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import type { ClientConfig } from 'pg';
import { sslModeOf, TLS_VERSIONS, type SslMode } from '../../domain/postgres-parameters.js';
import { readPostgresUrl, type PostgresUrl } from '../../domain/postgres-url.js';
import { StoreError } from '../store.js';

/** What a store's url means. */
export interface ConnectionSettings {
  /** For messages: servers and database, without user and password. */
  readonly where: string;
  /** In the order in which they are tried. */
  readonly servers: readonly ServerSettings[];
  /** Whether a server that takes no writes, such as a standby, is passed over. */
  readonly passesOverReaders: boolean;
}

/** One server, and the ways to speak to it: with TLS or without, in the order in which they are tried. */
export interface ServerSettings {
  readonly where: string;
  readonly ways: readonly (() => PostgresClientConfig)[];
}

export interface PostgresClientConfig extends ClientConfig {
  /** True: a server that does not prove with the password that it is the other end of the TLS session gets no answer. */
  readonly requiresChannelBinding: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Reads the url of a store. The environment (PGHOST, PGPASSWORD, …) adds nothing: what a store is, its file says.
 *
 * @throws StoreError `rejected` where the url cannot be used
 */
export function connectionSettings(store: string, text: string): ConnectionSettings {
  const url = readPostgresUrl(text);
  if (typeof url === 'string') {
    throw new StoreError('rejected', `The url of store ${JSON.stringify(store)} ${url}.`);
  }
  const user = url.user ?? userInfo().username;
  const database = url.database ?? user;
  const servers = url.hosts.map(({ host, port }) => {
    const where = `${host.includes(':') && !host.startsWith('/') ? `[${host}]` : host}:${port}`;
    const common = commonConfig(store, url, { user, database, host, port });
    const ways = waysOf(url.parameters, host).map((withTls) => () => ({
      ...common,
      ssl: withTls ? tlsOptions(store, url.parameters) : false,
    }));
    return { where: `${where}/${database}`, ways };
  });
  const attributes = url.parameters.get('target_session_attrs');
  return {
    where: `${servers.map(({ where }) => where.slice(0, where.lastIndexOf(`/${database}`))).join(',')}/${database}`,
    servers,
    // A store always writes, so of several servers one that does is looked for, unless any is asked for.
    passesOverReaders: attributes === undefined ? servers.length > 1 : attributes !== 'any',
  };
}

function commonConfig(
  store: string,
  { parameters, password }: PostgresUrl,
  server: Pick<ClientConfig, 'user' | 'database' | 'host' | 'port'>,
): PostgresClientConfig {
  const timeout = Number(parameters.get('connect_timeout') ?? 0);
  const idle = Number(parameters.get('keepalives_idle') ?? 0);
  const options = parameters.get('options');
  const binding = parameters.get('channel_binding');
  return {
    ...server,
    // As a function: the driver would look for another one in the environment.
    password: () => password ?? refuseMissingPassword(store),
    ...(options === undefined ? {} : { options }),
    application_name: parameters.get('application_name') ?? parameters.get('fallback_application_name') ?? 'titanflow',
    sslnegotiation: parameters.get('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
    enableChannelBinding: binding === 'require' || binding === 'prefer',
    requiresChannelBinding: binding === 'require',
    connectionTimeoutMillis: timeout > 0 ? timeout * 1_000 : CONNECT_TIMEOUT_MS,
    keepAlive: parameters.get('keepalives') !== '0',
    keepAliveInitialDelayMillis: idle > 0 ? idle * 1_000 : CONNECT_TIMEOUT_MS,
  };
}

function refuseMissingPassword(store: string): never {
  throw new StoreError(
    'setup',
    `The url of store ${JSON.stringify(store)} has no password, and the server asks for one; write it into the url, as \${NAME} (PGPASSWORD and password files are not read).`,
  );
}

/** @returns for each way whether it has TLS; a Unix socket never has */
function waysOf(parameters: ReadonlyMap<string, string>, host: string): readonly boolean[] {
  return host.startsWith('/') ? [false] : WAYS[sslModeOf(parameters)];
}

const WAYS: Readonly<Record<SslMode, readonly boolean[]>> = {
  disable: [false],
  allow: [false, true],
  prefer: [true, false],
  require: [true],
  'no-verify': [true],
  'verify-ca': [true],
  'verify-full': [true],
};

/** What is checked of the server: its name only by verify-full, its authority also where a file of authorities is given. */
function tlsOptions(store: string, parameters: ReadonlyMap<string, string>): ConnectionOptions {
  const mode = sslModeOf(parameters);
  const root = parameters.get('sslrootcert');
  const read = (name: string): string | undefined => {
    const path = parameters.get(name);
    return path === undefined || (name === 'sslrootcert' && path === 'system') ? undefined : readPem(store, name, path);
  };
  const [ca, cert, key] = [read('sslrootcert'), read('sslcert'), read('sslkey')];
  const passphrase = parameters.get('sslpassword');
  const [min, max] = [parameters.get('ssl_min_protocol_version'), parameters.get('ssl_max_protocol_version')];
  return {
    rejectUnauthorized: mode === 'verify-full' || root !== undefined,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(isTlsVersion(min) ? { minVersion: min } : {}),
    ...(isTlsVersion(max) ? { maxVersion: max } : {}),
  };
}

/** @throws StoreError `setup`: a file that a person mounts may come later */
function readPem(store: string, name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new StoreError(
      'setup',
      `The ${name} of store ${JSON.stringify(store)} cannot be read${code}: ${path}; mend the path, or let this process read it.`,
    );
  }
}

function isTlsVersion(text: string | undefined): text is SecureVersion {
  return text !== undefined && TLS_VERSIONS.some((known) => known === text);
}
