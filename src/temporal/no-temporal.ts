import type { ClientConfig } from '../config.js';
import { UserError } from '../user-error.js';
import { probeAddress, type Address, type Finding, type Tls } from './probe-address.js';
import { refusalIn } from './refusal.js';

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_PORT = 7233;

/** Returns the address of Temporal by the settings. */
export function addressOf({ temporal }: Pick<ClientConfig, 'temporal'>): string {
  return temporal.connectionOptions.address ?? DEFAULT_ADDRESS;
}

/**
 * Says why no connection to Temporal came about, and what helps: 2 where a setting is wrong, 3 where no server is to be had.
 */
export async function noTemporal(config: ClientConfig, cause: unknown): Promise<UserError> {
  const refused = accessRefused(config, cause);
  if (refused !== undefined) return refused;
  const probed = await probeAddress(splitAddress(addressOf(config)), tlsOf(config));
  const found = probed.kind === 'listens' ? (distrusted(cause) ?? probed) : probed;
  const [exitCode, message] = explain(found, config, cause);
  return new UserError(exitCode, message, { cause });
}

/** Explains why a server does not let us in; undefined if that is not what happened. */
export function accessRefused(config: ClientConfig, cause: unknown): UserError | undefined {
  const refusal = refusalIn(cause);
  const { namespace = 'default' } = config.temporal;
  const address = addressOf(config);
  if (refusal?.kind === 'unauthenticated') {
    const given =
      config.temporal.connectionOptions.apiKey === undefined ? 'it wants a credential' : 'the API key is wrong';
    const says = `Temporal at ${address} does not know who we are (${given}): ${refusal.words} (UNAUTHENTICATED)`;
    return new UserError(2, `${says}; set TEMPORAL_API_KEY, or a client certificate`, { cause });
  }
  if (refusal?.kind === 'denied') {
    const says = `Temporal at ${address} does not let us use namespace "${namespace}": ${refusal.words} (PERMISSION_DENIED)`;
    return new UserError(2, `${says}; give the key's owner access to it, or mend TEMPORAL_NAMESPACE`, { cause });
  }
  return undefined;
}

function explain(found: Finding, config: ClientConfig, cause: unknown): [2 | 3, string] {
  const address = addressOf(config);
  const { host } = splitAddress(address);
  switch (found.kind) {
    case 'no host':
      return [
        3,
        `there is no host "${host}", where Temporal should be; mend TEMPORAL_ADDRESS, or the names that this machine knows`,
      ];
    case 'refused':
      return [3, `no Temporal server answers at ${address}; start one with \`titanflow dev\`, or set TEMPORAL_ADDRESS`];
    case 'silent':
      return [
        3,
        `nothing answers at ${address}, where Temporal should be; check TEMPORAL_ADDRESS, and the network in between`,
      ];
    case 'broken':
      return [3, `no connection to Temporal at ${address}: ${found.reason}; check TEMPORAL_ADDRESS and TEMPORAL_TLS_*`];
    case 'wants TLS':
      return [2, `the server at ${address} wants TLS, and the settings of Temporal have none; set TEMPORAL_TLS=true`];
    case 'speaks no TLS':
      return [
        2,
        `the server at ${address} speaks no TLS, and TEMPORAL_TLS_* or TEMPORAL_API_KEY turn it on; set TEMPORAL_TLS=false`,
      ];
    case 'wants a certificate':
      return [
        2,
        `the server at ${address} does not accept our certificate, or wants one; set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH`,
      ];
    case 'certificate':
      return explainCertificate(address, found.code);
    case 'listens':
      return [
        3,
        `what listens at ${address} does not answer as Temporal does: ${reasonOf(cause)}; check TEMPORAL_ADDRESS: the Web UI has a port of its own`,
      ];
  }
}

function explainCertificate(address: string, code: string): [2 | 3, string] {
  const whose = `the certificate of the server at ${address}`;
  if (/EXPIRED|NOT_YET_VALID/i.test(code))
    return [3, `${whose} is not valid now (${code}); renew it there, or set the clock of this machine`];
  if (/ALTNAME|NotValidForName/.test(code))
    return [2, `${whose} is for another name (${code}); set TEMPORAL_TLS_SERVER_NAME to a name in it`];
  return [2, `${whose} is not trusted (${code}); name its CA by TEMPORAL_TLS_SERVER_CA_CERT_PATH`];
}

/** The worker's own TLS is stricter than Node's, and tells. */
function distrusted(cause: unknown): Finding | undefined {
  const code = /InvalidCertificate\((?:Other\(OtherError\()?(?<code>\w+)/.exec(String(cause))?.groups?.['code'];
  return code === undefined ? undefined : { kind: 'certificate', code };
}

function tlsOf({
  temporal: {
    connectionOptions: { tls, apiKey },
  },
}: ClientConfig): Tls {
  if (tls === false || (tls === undefined && apiKey === undefined)) return false;
  if (typeof tls !== 'object' || tls === null) return {};
  const { serverNameOverride: servername, serverRootCACertificate: ca, clientCertPair: pair } = tls;
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(pair ? { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) } : {}),
  };
}

function splitAddress(address: string): Address {
  const {
    v6,
    host = v6 ?? address,
    port = DEFAULT_PORT,
  } = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+))(?::(?<port>\d+))?$/.exec(address)?.groups ?? {};
  return { host, port: Number(port) };
}

function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  // The worker's connection puts what went wrong into the names of its own parts.
  return /message: "(?<words>[^"]+)"/.exec(line)?.groups?.['words'] ?? line;
}
