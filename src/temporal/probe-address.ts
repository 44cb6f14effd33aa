import { connect as connectInTheClear, type Socket } from 'node:net';
import { connect as connectByTls, type ConnectionOptions } from 'node:tls';

/** The kinds of things that answer where a Temporal server should be. */
export type Finding =
  | {
      readonly kind:
        | 'no host'
        | 'refused'
        | 'silent'
        | 'wants TLS'
        | 'speaks no TLS'
        | 'wants a certificate'
        | 'listens';
    }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'certificate'; readonly code: string };

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How TLS is spoken with it; false: not at all. */
export type Tls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'> | false;

const WITHIN_MS = 3_000;
/** With TLS 1.3 a server asks for a certificate, and refuses, when the client already thinks that all is well. */
const SECOND_THOUGHTS_MS = 300;

const NO_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);

/**
 * Looks what keeps a client from a server: gRPC's own errors say that nothing answers, whatever it is. One connection, and a
 * second one for TLS; nothing is sent that a server would act upon.
 */
export async function probeAddress(address: Address, tls: Tls): Promise<Finding> {
  const reached = await tcp(address);
  if (reached.kind !== 'listens') return reached;
  return tls === false ? inTheClear(address) : byTls(address, tls);
}

function tcp(address: Address): Promise<Finding> {
  return outcomeOf(
    () => connectInTheClear(address),
    'connect',
    (error) => {
      const code = codeOf(error);
      if (NO_HOST.has(code)) return { kind: 'no host' };
      if (code === 'ECONNREFUSED') return { kind: 'refused' };
      return code === 'ETIMEDOUT' ? { kind: 'silent' } : { kind: 'broken', reason: code };
    },
  );
}

/** A server that answers to the beginning of TLS, if only by a refusal, speaks it. */
async function inTheClear(address: Address): Promise<Finding> {
  const found = await outcomeOf(
    () => connectByTls({ ...address, ...nameFor(address), rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
    'secureConnect',
    (error) => (isAlert(error) ? { kind: 'wants TLS' } : { kind: 'speaks no TLS' }),
  );
  return found.kind === 'listens' || found.kind === 'wants TLS' ? { kind: 'wants TLS' } : { kind: 'listens' };
}

function byTls(address: Address, tls: ConnectionOptions): Promise<Finding> {
  const open = (): Socket => connectByTls({ ...address, ...nameFor(address), ...tls, ALPNProtocols: ['h2'] });
  return outcomeOf(
    open,
    'secureConnect',
    (error) => {
      const code = codeOf(error);
      if (isAlert(error)) return { kind: 'wants a certificate' };
      if (/CERT|SIGNATURE|ISSUER|CRL/.test(code)) return { kind: 'certificate', code };
      if (/^ERR_OSSL|^ERR_INVALID/.test(code)) return { kind: 'broken', reason: 'its key or certificate is no PEM' };
      return { kind: 'speaks no TLS' };
    },
    SECOND_THOUGHTS_MS,
  );
}

/** No name can be asked for where there is only an address. */
function nameFor({ host }: Address): { readonly servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

function outcomeOf(
  open: () => Socket,
  event: 'connect' | 'secureConnect',
  judge: (error: unknown) => Finding,
  lingerMs = 0,
): Promise<Finding> {
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    const timer = setTimeout(() => end({ kind: 'silent' }), WITHIN_MS);
    const end = (finding: Finding): void => {
      clearTimeout(timer);
      socket?.destroy();
      resolve(finding);
    };
    try {
      socket = open();
    } catch (error) {
      end(judge(error));
      return;
    }
    socket.on('error', (error) => end(judge(error)));
    socket.once(event, () => setTimeout(() => end({ kind: 'listens' }), lingerMs));
  });
}

function isAlert(error: unknown): boolean {
  return /ALERT/.test(codeOf(error)) && !/WRONG_VERSION|PROTOCOL_VERSION/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  // A host with several addresses fails with one error for each.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : String(one);
}
