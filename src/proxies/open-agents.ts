import { Agent as PlainAgent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import { HttpProxyAgent } from 'http-proxy-agent';
import { notReached } from './proxy-error.js';
import { proxyFor, type Proxies, type Proxy } from './read-proxies.js';
import { openTunnel, proxyAuthorization } from './tunnel.js';

declare module 'node:http' {
  interface Agent {
    /** Called by Node for each request, when it is made; its types leave it out. */
    addRequest(...request: Parameters<HttpProxyAgent<string>['addRequest']>): void;
  }
}

/** Take the requests of Node's own clients through the proxies, each by its server's address. */
export interface Agents {
  readonly httpAgent: PlainAgent;
  readonly httpsAgent: SecureAgent;
}

/** An idle connection is given up before most servers close it: a request must not meet one that is just being closed. */
const OPTIONS: AgentOptions = { keepAlive: true, timeout: 4_000 };

/** Opens agents with connections of their own. */
export function openAgents(proxies: Proxies): Agents {
  return { httpAgent: new Forwarding(proxies), httpsAgent: new Tunnelling(proxies) };
}

/** `https://` servers: the connection goes through a tunnel, and TLS is between us and the server. */
class Tunnelling extends SecureAgent {
  private readonly proxies: Proxies;

  constructor(proxies: Proxies) {
    super(OPTIONS);
    this.proxies = proxies;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const [host, port] = [options.host ?? 'localhost', Number(options.port ?? 443)];
    const proxy = proxyFor(this.proxies, 'https:', host, port);
    if (!proxy || !callback) return super.createConnection(options, callback);
    const connect = async (): Promise<Duplex> => {
      const tunnel = await openTunnel(proxy, host, port);
      return super.createConnection(Object.assign({}, options, { socket: tunnel })) ?? tunnel;
    };
    callbackify(connect)(callback);
    return undefined;
  }
}

/** `http://` servers: the proxy is asked for the whole address, and answers in the server's place. */
class Forwarding extends PlainAgent {
  private readonly proxies: Proxies;
  private readonly proxied: HttpProxyAgent<string> | undefined;

  constructor(proxies: Proxies) {
    super(OPTIONS);
    this.proxies = proxies;
    this.proxied = proxies.http && new ForwardedBy(proxies.http);
  }

  /** Chooses before the head of the request is written, which says more to a proxy than to a server. */
  override addRequest(...[request, options]: Parameters<HttpProxyAgent<string>['addRequest']>): void {
    const { host, port } = options;
    const proxy = proxyFor(this.proxies, 'http:', host ?? 'localhost', port ?? 80);
    if (proxy && this.proxied) this.proxied.addRequest(request, options);
    else super.addRequest(request, options);
  }

  override destroy(): void {
    this.proxied?.destroy();
    super.destroy();
  }
}

class ForwardedBy extends HttpProxyAgent<string> {
  private readonly by: Proxy;

  constructor(proxy: Proxy) {
    // Its user and password in a header of ours: the library would show its URL to whoever debugs.
    super(proxy.url.origin, { ...OPTIONS, headers: proxyAuthorization(proxy) });
    this.by = proxy;
  }

  override async connect(...args: Parameters<HttpProxyAgent<string>['connect']>) {
    try {
      return await super.connect(...args);
    } catch (error) {
      throw notReached(this.by, error);
    }
  }
}
