/** What a value must be; undefined: anything that is not empty. */
interface Taken {
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
  /** Completes "must be …". */
  readonly form?: string;
}

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

const anyText: Taken = {};
const wholeNumber: Taken = { pattern: /^\d{1,6}$/u, form: 'a whole number of seconds' };
const flag: Taken = { values: ['0', '1'] };

/** The parameters of libpq that mean here what they mean there. docs/stores.md lists them, too. */
const TAKEN: Readonly<Record<string, Taken>> = {
  host: anyText,
  port: anyText,
  user: anyText,
  password: anyText,
  dbname: anyText,
  application_name: anyText,
  fallback_application_name: anyText,
  options: anyText,
  client_encoding: { values: ['UTF8', 'utf8', 'UTF-8', 'utf-8', 'auto'] },
  connect_timeout: wholeNumber,
  target_session_attrs: { values: ['any', 'read-write', 'primary'] },
  load_balance_hosts: { values: ['disable'] },
  keepalives: flag,
  keepalives_idle: wholeNumber,
  sslmode: { values: SSL_MODES },
  // As JDBC and Node.js write it.
  ssl: { values: ['true', 'false', 'no-verify'] },
  sslnegotiation: { values: ['postgres', 'direct'] },
  sslrootcert: anyText,
  sslcert: anyText,
  sslkey: anyText,
  sslpassword: anyText,
  sslsni: { values: ['1'] },
  sslcompression: { values: ['0'] },
  ssl_min_protocol_version: { values: TLS_VERSIONS },
  ssl_max_protocol_version: { values: TLS_VERSIONS },
  channel_binding: { values: ['disable', 'prefer', 'require'] },
  gssencmode: { values: ['disable', 'prefer'] },
  // Of node-postgres: there it asks for what is the rule here.
  uselibpqcompat: { values: ['true'] },
};

const IN_URL = 'write the password into the url, as ${NAME}';
const NO_GSS = 'GSSAPI is not spoken; use a password or a client certificate';
const LEAVE_OUT = 'leave it out';

/** Parameters that are known, and why they are not taken. */
const REFUSED: Readonly<Record<string, string>> = {
  passfile: `password files are not read; ${IN_URL}`,
  service: 'service files are not read; write its settings into the url',
  servicefile: 'service files are not read; write its settings into the url',
  hostaddr: 'write the address as the host',
  require_auth: `it cannot be kept; use channel_binding=require, or ${LEAVE_OUT}`,
  requiressl: 'use sslmode=require',
  requirepeer: `it cannot be checked; ${LEAVE_OUT}`,
  sslcrl: `lists of revoked certificates are not read; ${LEAVE_OUT}`,
  sslcrldir: `lists of revoked certificates are not read; ${LEAVE_OUT}`,
  sslcertmode: `a certificate is sent where sslcert is given; ${LEAVE_OUT}`,
  sslkeylogfile: `keys are not logged; ${LEAVE_OUT}`,
  keepalives_interval: `Node.js cannot set it; ${LEAVE_OUT}`,
  keepalives_count: `Node.js cannot set it; ${LEAVE_OUT}`,
  tcp_user_timeout: `Node.js cannot set it; ${LEAVE_OUT}`,
  replication: 'a store needs an ordinary connection',
  krbsrvname: NO_GSS,
  gsslib: NO_GSS,
  gssdelegation: NO_GSS,
  min_protocol_version: `only version 3.0 is spoken; ${LEAVE_OUT}`,
  max_protocol_version: `only version 3.0 is spoken; ${LEAVE_OUT}`,
  scram_client_key: IN_URL,
  scram_server_key: IN_URL,
  oauth_issuer: `OAuth is not spoken; ${IN_URL}`,
  oauth_client_id: `OAuth is not spoken; ${IN_URL}`,
  oauth_client_secret: `OAuth is not spoken; ${IN_URL}`,
  oauth_scope: `OAuth is not spoken; ${IN_URL}`,
  schema: 'name the schema in the publication, as in table: schema.table',
  currentSchema: 'name the schema in the publication, as in table: schema.table',
  search_path: 'write options=-csearch_path%3DSCHEMA',
  pgbouncer: LEAVE_OUT,
  connection_limit: LEAVE_OUT,
  pool_timeout: LEAVE_OUT,
  statement_cache_size: LEAVE_OUT,
  sslaccept: 'use sslmode=require or verify-full',
  pool_size: LEAVE_OUT,
};

type Pair = readonly [name: string, value: string];

/**
 * Returns what is wrong with the parameters of a URL, in words that continue "the url …"; undefined: nothing. Like
 * libpq, it refuses what it does not know. No value is shown.
 *
 * @param pairs decoded, in their order
 */
export function faultInParameters(pairs: readonly Pair[]): string | undefined {
  for (const [index, pair] of pairs.entries()) {
    const fault = faultInParameter(pair, pairs[index - 1]?.[0]);
    if (fault !== undefined) return fault;
  }
  return faultTogether(new Map(pairs));
}

function faultInParameter([name, value]: Pair, before: string | undefined): string | undefined {
  const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (why !== undefined) return `has the parameter ${name}, which is not taken: ${why}`;
  const taken = Object.hasOwn(TAKEN, name) ? TAKEN[name] : undefined;
  if (taken === undefined) return faultInUnknown(name, before);
  if (value === '') return `has the parameter ${name} without a value; ${LEAVE_OUT}`;
  const { values, pattern, form } = taken;
  if (name === 'target_session_attrs' && ['read-only', 'standby', 'prefer-standby'].includes(value)) {
    return 'has target_session_attrs for a server that only reads, but a store writes; use read-write or primary';
  }
  if (values !== undefined && !values.includes(value)) return `has a ${name} that is not ${values.join(', ')}`;
  return pattern === undefined || pattern.test(value) ? undefined : `has a ${name} that is not ${form}`;
}

function faultInUnknown(name: string, before: string | undefined): string {
  // After a password with an & in it, this is the rest of the password.
  if (before === 'password' || before === 'sslpassword') {
    return `has an unknown parameter behind ${before} (not shown); write an & of a password as %26`;
  }
  const shown = /^[a-z][\w-]{0,40}$/iu.test(name)
    ? `the unknown parameter ${name}`
    : 'an unknown parameter (not shown)';
  return `has ${shown}; leave it out, or write it as PostgreSQL's documentation of libpq does`;
}

function faultTogether(parameters: ReadonlyMap<string, string>): string | undefined {
  const mode = sslModeOf(parameters);
  const root = parameters.get('sslrootcert');
  if (root === 'system' && mode !== 'verify-full') return 'has sslrootcert=system, which needs sslmode=verify-full';
  if (mode === 'no-verify' && root !== undefined) {
    return 'has sslmode=no-verify beside an sslrootcert; use verify-ca or verify-full, or leave out sslrootcert';
  }
  if (mode === 'verify-ca' && root === undefined) {
    return 'has sslmode=verify-ca, which needs sslrootcert=FILE; or use sslmode=verify-full';
  }
  if (parameters.has('sslcert') !== parameters.has('sslkey')) return 'needs both sslcert and sslkey, or none';
  const isWeak = mode === 'disable' || mode === 'allow' || mode === 'prefer';
  if (parameters.get('sslnegotiation') === 'direct' && isWeak) {
    return 'has sslnegotiation=direct, which needs sslmode=require, verify-ca or verify-full';
  }
  if (parameters.get('channel_binding') === 'require' && mode === 'disable') {
    return 'has channel_binding=require, which needs TLS; use another sslmode than disable';
  }
  return undefined;
}

export type SslMode = (typeof SSL_MODES)[number];

/** Returns how TLS is used, as libpq decides it. `no-verify` is node-postgres' word for `require` without authority. */
export function sslModeOf(parameters: ReadonlyMap<string, string>): SslMode {
  const mode = SSL_MODES.find((known) => known === parameters.get('sslmode'));
  if (mode !== undefined) return mode;
  const ssl = parameters.get('ssl');
  if (ssl !== undefined) return ssl === 'true' ? 'require' : ssl === 'false' ? 'disable' : 'no-verify';
  return parameters.get('sslrootcert') === 'system' ? 'verify-full' : 'prefer';
}
