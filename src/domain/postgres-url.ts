import { faultInParameters } from './postgres-parameters.js';

/** One server of a URL. */
interface PostgresHost {
  /** A name, an address (IPv6 without brackets), or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** The parts of a URL, decoded. */
export interface PostgresUrl {
  /** In the order in which they are tried; at least one. */
  readonly hosts: readonly PostgresHost[];
  /** Undefined: the user of the operating system. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Undefined: the one that is called like the user. */
  readonly database: string | undefined;
  /** The other parameters, all of them known and usable. */
  readonly parameters: ReadonlyMap<string, string>;
}

const EXAMPLE = 'postgres://user:password@host:5432/database';
const ENCODE = 'write the signs / ? # @ % of a user or a password as %2F %3F %23 %40 %25';
const DEFAULT_PORT = '5432';

/**
 * Reads a URL as libpq does (https://www.postgresql.org/docs/current/libpq-connect.html), with several hosts and with
 * hosts that are directories, which no parser for URLs of the web can read.
 *
 * @returns a text where it cannot be used: it says why, and continues "the url …". It repeats nothing of what could be
 * a password: one that is not percent-encoded ends the address early, and its rest would be taken for a host, and shown.
 */
export function readPostgresUrl(text: string): PostgresUrl | string {
  const [, scheme, afterScheme = ''] = /^([a-z][a-z+\d]*(?::[a-z]+)?):\/\/(.*)$/isu.exec(text) ?? [];
  if (scheme !== 'postgres' && scheme !== 'postgresql') return faultInForm(text, scheme);
  const [, authority = '', path = '', query] = /^([^/?#]*)([^?]*)(?:\?(.*))?$/su.exec(afterScheme) ?? [];
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007F]/.test(authority + path) || /[\u0000-\u001F\u007F]/.test(query ?? '')) {
    return `holds a blank or a line break (not shown); ${ENCODE}`;
  }
  const rest = `${path}?${query ?? ''}`;
  if (rest.includes('@') || rest.includes('#')) return `has an @ or a # behind its host (not shown); ${ENCODE}`;
  if (authority.split('@').length > 2) return `has more than one @ before its host (not shown); ${ENCODE}`;
  const [, user = '', password = '', servers = ''] = /^(?:([^:@]*)(?::([^@]*))?@)?(.*)$/u.exec(authority) ?? [];
  const parts = { user, password, database: path.slice(1), servers, query: query ?? '' };
  return Object.values(parts).every(isEncoded)
    ? assemble(parts)
    : `has a % that encodes nothing (not shown); ${ENCODE}`;
}

/** Returns what keeps a text from being the URL of a Postgres database; undefined if nothing does. */
export function faultInPostgresUrl(text: string): string | undefined {
  const read = readPostgresUrl(text);
  return typeof read === 'string' ? read : undefined;
}

/** Returns the passwords in a URL, both as written there and decoded. */
export function passwordsIn(url: string): string[] {
  const [, inAuthority = ''] = /^[^:]*:\/\/[^:@/?#]*:([^@/?#]*)@/u.exec(url) ?? [];
  const [, query = ''] = /\?(.*)$/su.exec(url) ?? [];
  const others = pairsIn(query).flatMap(([name, value]) => (SECRET_PARAMETERS.has(name) ? [value] : []));
  const passwords = [inAuthority, ...others].flatMap((password) => [password, decoded(password)]);
  return [...new Set(passwords)].filter((password) => password !== '');
}

const SECRET_PARAMETERS: ReadonlySet<string> = new Set(['password', 'sslpassword']);

/** Writings that other tools take. */
const OTHER_FORMS: readonly (readonly [pattern: RegExp, says: string])[] = [
  [/^(?:jdbc|r2dbc):/iu, 'is a JDBC URL'],
  [/^(?:postgres|postgresql|psql|pgsql|pg)(?:\+[a-z\d]+)?$/iu, 'has the scheme of another tool, or one in capitals'],
];

function faultInForm(text: string, scheme: string | undefined): string {
  if (/^\s*[a-z_]+\s*=/iu.test(text)) {
    return `is a list of keywords and values; write it as ${EXAMPLE}, other keywords as ?keyword=value (not shown, it may hold a password)`;
  }
  const [, form] = OTHER_FORMS.find(([pattern]) => pattern.test(scheme ?? '')) ?? [];
  if (form !== undefined) return `${form}; write it as ${EXAMPLE} (not shown, it may hold a password)`;
  return `must be a URL such as ${EXAMPLE} (not shown, it may hold a password)`;
}

interface Parts {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Hosts and ports, separated by commas. */
  readonly servers: string;
  readonly query: string;
}

function assemble({ user, password, database, servers, query }: Parts): PostgresUrl | string {
  const pairs = pairsIn(query).map(([name, value]) => [name, decoded(value)] as const);
  const fault = faultInParameters(pairs);
  if (fault !== undefined) return fault;
  const parameters = new Map(pairs);
  /** A parameter of that name wins over the part of the URL. */
  const take = (name: string, part: string): string | undefined => {
    const value = parameters.get(name) ?? decoded(part);
    parameters.delete(name);
    return value === '' ? undefined : value;
  };
  const hosts = hostsOf(servers, take('host', ''), take('port', ''));
  if (typeof hosts === 'string') return hosts;
  return {
    hosts,
    user: take('user', user),
    password: take('password', password),
    database: take('dbname', database),
    parameters,
  };
}

const BAD_PORT = `has a port that is no number from 1 to 65535 (not shown); ${ENCODE}`;
const BAD_HOST = `has a host that is none (not shown); write IPv6 addresses in brackets, and ${ENCODE}`;

/** @returns the servers, or a fault */
function hostsOf(servers: string, host: string | undefined, port: string | undefined): PostgresHost[] | string {
  const written = servers.split(',').map((server) => /^(\[[\da-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/iu.exec(server));
  if (written.includes(null)) return /^[^:]*:[^:]*$/u.test(servers) ? BAD_PORT : BAD_HOST;
  const names = host?.split(',') ?? written.map((match) => decoded(match?.[1] ?? '').replace(/^\[(.*)\]$/u, '$1'));
  const ports = port?.split(',') ?? (host === undefined ? written.map((match) => match?.[2] ?? '') : portsIn(written));
  if (ports.length !== 1 && ports.length !== names.length) {
    return `has ${names.length} hosts and ${ports.length} ports; give one port for each host, or one for all`;
  }
  if (names.length > 1 && names.includes('')) return 'has an empty host in its list of hosts; leave out the comma';
  if (names.some((name) => !isHost(name))) return BAD_HOST;
  const hosts = names.map((name, index) => {
    const digits = (ports.length === 1 ? ports[0] : ports[index]) || DEFAULT_PORT;
    return { host: name === '' ? 'localhost' : name, port: /^\d{1,5}$/u.test(digits) ? Number(digits) : 0 };
  });
  return hosts.every(({ port: number }) => number > 0 && number < 65_536) ? hosts : BAD_PORT;
}

/** Ports beside hosts that a parameter replaces: only those that are there. */
function portsIn(written: readonly (RegExpExecArray | null)[]): string[] {
  const ports = written.map((match) => match?.[2] ?? '').filter((digits) => digits !== '');
  return ports.length === 0 ? [''] : ports;
}

/** A path, an IPv6 address, or what a name may hold: anything else is likely a part of a password. */
function isHost(name: string): boolean {
  return (
    name === '' ||
    name.startsWith('/') ||
    /^[\da-f:.]*:[\da-f:.]*(?:%[\w.]+)?$/iu.test(name) ||
    /^[\p{L}\p{N}._-]+$/u.test(name)
  );
}

function pairsIn(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    });
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function decoded(text: string): string {
  return isEncoded(text) ? decodeURIComponent(text) : '';
}
