import type { TLSConfig } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { BROKEN, definedIn, isBroken, type Environment } from '../settings.js';
import { UserError } from '../user-error.js';

const SWITCHES = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];
const ONE_LINE = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_PROFILE'];
const EXAMPLE = 'write host:port, such as localhost:7233';

/**
 * Reads `TEMPORAL_*` and the profile that they name, as all of Temporal's clients do. A value that their reader would pass
 * over is refused.
 *
 * @throws UserError naming every setting that is wrong
 */
export function loadTemporal(env: Environment): ClientConnectConfig {
  const defined = withPlainSwitches(definedIn(env));
  const wrong = [
    ...ONE_LINE.filter((name) => isBroken(defined[name])).map((name) => `${name} ${BROKEN}`),
    ...SWITCHES.filter((name) => !/^(?:true|false)?$/.test(defined[name] ?? '')).map(
      (name) => `${name} must be true or false`,
    ),
    ...halfPairs(defined),
  ];
  if (defined['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'] === 'true') {
    const cure = "name the server's CA by TEMPORAL_TLS_SERVER_CA_CERT_PATH, or its name by TEMPORAL_TLS_SERVER_NAME";
    wrong.push(`TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is nothing that Temporal's SDK knows; ${cure}`);
  }
  if (wrong.length > 0) throw new UserError(2, wrong.join('\n'));
  const config = trimmed(read(defined));
  const problems = faultsIn(config);
  if (problems.length > 0) throw new UserError(2, problems.join('\n'));
  return config;
}

/** `TEMPORAL_TLS=TRUE` would be taken for false. */
function withPlainSwitches(defined: Record<string, string>): Record<string, string> {
  const plain: Readonly<Record<string, string>> = { '1': 'true', '0': 'false' };
  const switches = SWITCHES.flatMap((name) => {
    const value = defined[name]?.toLowerCase();
    return value === undefined ? [] : [[name, plain[value] ?? value]];
  });
  return { ...defined, ...Object.fromEntries(switches) };
}

/** Half of a client certificate would be left out without a word. */
function halfPairs(defined: Readonly<Record<string, string>>): string[] {
  const [hasCert, hasKey] = ['CERT', 'KEY'].map((part) =>
    ['PATH', 'DATA'].some((kind) => defined[`TEMPORAL_TLS_CLIENT_${part}_${kind}`] !== undefined),
  );
  // The other half may stand in a profile.
  if (hasCert === hasKey || defined['TEMPORAL_PROFILE'] !== undefined) return [];
  return ['TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together; set both, or none'];
}

function read(defined: Record<string, string>): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: defined });
  } catch (error) {
    // Below its first line a reader of TOML quotes the file, and the API key may stand there.
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UserError(2, `Temporal's settings: ${reason}`);
  }
}

/** Trims the values, also those of a profile. */
function trimmed({ namespace, connectionOptions, ...rest }: ClientConnectConfig): ClientConnectConfig {
  const { address, apiKey } = connectionOptions;
  return {
    ...rest,
    ...(namespace === undefined ? {} : { namespace: namespace.trim() }),
    connectionOptions: {
      ...connectionOptions,
      ...(address === undefined ? {} : { address: address.trim() }),
      ...(typeof apiKey === 'string' ? { apiKey: apiKey.trim() } : {}),
    },
  };
}

function faultsIn({ connectionOptions: { address, apiKey, tls } }: ClientConnectConfig): string[] {
  const problems = typeof tls === 'object' && tls !== null ? faultsInPem(tls) : [];
  const fault = address === undefined ? undefined : faultInAddress(address);
  if (fault !== undefined) problems.push(`TEMPORAL_ADDRESS ${fault}`);
  if (typeof apiKey === 'string' && !/^[\u0021-\u007E]+$/.test(apiKey)) {
    const says = 'holds a blank, a line break or another character that no key has; give the key alone (not shown)';
    problems.push(`TEMPORAL_API_KEY ${says}`);
  }
  return problems;
}

/** A text that is no PEM is passed over by one of the two clients that we have, and not by the other. */
function faultsInPem({ serverRootCACertificate: ca, clientCertPair: pair }: TLSConfig): string[] {
  const parts = { SERVER_CA_CERT: ca, CLIENT_CERT: pair?.crt, CLIENT_KEY: pair?.key };
  return Object.entries(parts)
    .filter(([, bytes]) => bytes !== undefined && !new TextDecoder().decode(bytes).includes('-----BEGIN '))
    .map(([name]) => `TEMPORAL_TLS_${name}_PATH and TEMPORAL_TLS_${name}_DATA must hold PEM (not shown)`);
}

/** Returns what is wrong with the address of a gRPC server; undefined if nothing is. */
function faultInAddress(address: string): string | undefined {
  if (address.includes('@')) return `must have neither user nor password (not shown); ${EXAMPLE}`;
  const scheme = /^(?<scheme>[a-z][a-z\d+.-]*):\/\//i.exec(address)?.groups?.['scheme'];
  if (scheme !== undefined) {
    const rest = address.slice(scheme.length + 3).replace(/[/?#].*$/, '');
    const tls = scheme.toLowerCase() === 'https' ? ', and TEMPORAL_TLS=true' : '';
    return `must not begin with ${scheme}://; write ${rest === '' ? 'host:port' : rest}${tls}`;
  }
  if (/[/?#\s]/.test(address)) return `must be a host and a port, and nothing else; ${EXAMPLE}`;
  const port = /^(?:\[[\da-f:.]+\]|[^:[\]]+)(?::(?<port>.*))?$/i.exec(address)?.groups;
  if (port === undefined) return `is no host and port; ${EXAMPLE}, or [::1]:7233`;
  const { port: text = '7233' } = port;
  const isPort = /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
  return isPort ? undefined : `has no port between 1 and 65535; ${EXAMPLE}`;
}
