import { BROKEN, definedIn, isBroken, type Environment } from '../settings.js';
import { UserError } from '../user-error.js';
import { readNoProxy, type NoProxy } from './no-proxy.js';

/** A proxy that requests go through. */
export interface Proxy {
  /** With user and password, where it wants them. */
  readonly url: URL;
  /** As it may be shown: without them, and with the variable that names it. */
  readonly shown: string;
  /** The variable, as it is spelled in the environment. */
  readonly variable: string;
}

export interface Proxies {
  /** For `https://` servers: through a tunnel, so that the proxy sees the host and nothing else. */
  readonly https?: Proxy;
  /** For `http://` servers. */
  readonly http?: Proxy;
  /** For Temporal. */
  readonly grpc?: Proxy;
  readonly isExempt: NoProxy;
}

const EXAMPLE = 'http://proxy.example.com:3128';

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Where a name is there in both cases, the lower one counts, as with curl.
 * Of `grpc_proxy` there is no other spelling: it is gRPC's own.
 *
 * @throws UserError naming every variable that is wrong, and no value
 */
export function readProxies(env: Environment): Proxies {
  const defined = definedIn(env);
  const wrong: string[] = [];
  const nameOf = (name: string): string => (defined[name.toLowerCase()] === undefined ? name : name.toLowerCase());

  function read(name: string): Proxy | undefined {
    const variable = nameOf(name);
    const value = defined[variable];
    if (value === undefined) return undefined;
    const proxy = isBroken(value) ? BROKEN : proxyIn(value, variable);
    if (typeof proxy !== 'string') return proxy;
    wrong.push(`${variable} ${proxy}`);
    return undefined;
  }

  const [https, http, grpc] = ['HTTPS_PROXY', 'HTTP_PROXY', 'grpc_proxy'].map(read);
  const grpcFault = grpc && faultForTemporal(grpc);
  if (grpcFault !== undefined) wrong.push(`grpc_proxy ${grpcFault}`);
  if (wrong.length > 0) throw new UserError(2, wrong.join('\n'));
  const isExempt = readNoProxy(defined[nameOf('NO_PROXY')] ?? '');
  return { ...(https ? { https } : {}), ...(http ? { http } : {}), ...(grpc ? { grpc } : {}), isExempt };
}

/** Returns the proxy, or what is wrong with the value. */
function proxyIn(value: string, variable: string): Proxy | string {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const [scheme = ''] = text.split('://');
  if (!/^https?$/i.test(scheme))
    return `names a proxy of kind ${scheme}; only http:// and https:// proxies are used, such as ${EXAMPLE}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    return `is no address of a proxy (not shown); write one such as ${EXAMPLE}, with special characters in user and password as %40`;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return `has a path, a query or a fragment (not shown); write one such as ${EXAMPLE}, with special characters in user and password as %2F`;
  }
  if (credentialOf(url) === undefined) {
    return 'has a user or a password with a % that begins no character (not shown); write % as %25';
  }
  return { url, variable, shown: `${url.protocol}//${url.host} (${variable})` };
}

/** Temporal has two clients: each of them takes less than we do. */
function faultForTemporal({ url }: Proxy): string | undefined {
  if (url.protocol === 'https:') return "must begin with http://: Temporal's SDK takes no other";
  const isPlain = /^[^:@]*:?[^:@]*$/.test(credentialOf(url) ?? '');
  return isPlain
    ? undefined
    : "has a user or a password with a : or @ in it (not shown), which Temporal's SDK does not take";
}

/** User and password of a proxy, as it is sent; empty: it has none. Undefined: they cannot be decoded. */
export function credentialOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return '';
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}

/** Returns the proxy that requests to a server go through. */
export function proxyFor(proxies: Proxies, protocol: string, host: string, port: number): Proxy | undefined {
  const proxy = protocol === 'https:' ? proxies.https : proxies.http;
  return proxy && !proxies.isExempt(host, port) ? proxy : undefined;
}

/** The texts of the proxies' addresses that nobody must read. */
export function secretsOfProxies({ https, http, grpc }: Proxies): string[] {
  return [https, http, grpc].flatMap((proxy) => {
    const credential = proxy && credentialOf(proxy.url);
    if (proxy === undefined || credential === undefined || credential === '') return [];
    const password = credential.slice(credential.indexOf(':') + 1);
    return [proxy.url.password, password, Buffer.from(credential).toString('base64')];
  });
}
