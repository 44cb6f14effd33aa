import { BlockList, isIP } from 'node:net';

/** Tells the servers that no proxy is used for. */
export type NoProxy = (host: string, port: number) => boolean;

/**
 * Reads `NO_PROXY` as curl and Go do: entries between commas or blanks, each with or without a port. `*` is every server, a name
 * also stands for the names below it, `10.0.0.0/8` for addresses. An entry that is none of these matches nothing.
 */
export function readNoProxy(text: string): NoProxy {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const matchers = entries.map((entry) => matcherOf(entry.toLowerCase()));
  return (host, port) => {
    const plain = withoutBrackets(host.toLowerCase()).replace(/\.$/, '');
    return matchers.some((matches) => matches(plain, port));
  };
}

function matcherOf(entry: string): NoProxy {
  if (entry === '*') return () => true;
  const range = rangeOf(entry);
  if (range) return (host) => isIP(host) !== 0 && range.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  const { name = '', port } = /^(?<name>\[.*\]|[^:]*|.*:.*:.*?)(?::(?<port>\d+))?$/.exec(entry)?.groups ?? {};
  const wanted = withoutBrackets(name.replace(/^\*?\./, ''));
  const fits = (host: string): boolean => host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
  return (host, hostPort) => wanted !== '' && (port === undefined || Number(port) === hostPort) && fits(host);
}

/** The addresses of `10.0.0.0/8`, `::1` or `127.0.0.1`, however they are written; undefined: it is none of these. */
function rangeOf(entry: string): BlockList | undefined {
  const { address = '', bits } = /^\[?(?<address>[\da-f.:]+)\]?(?:\/(?<bits>\d{1,3}))?$/.exec(entry)?.groups ?? {};
  const version = isIP(address);
  if (version === 0) return undefined;
  const [family, most] = version === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
  const list = new BlockList();
  if (Number(bits ?? most) <= most) list.addSubnet(address, Number(bits ?? most), family);
  return list;
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
