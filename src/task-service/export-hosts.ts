import { isIP } from 'node:net';

/** A host that exports may be fetched from. */
export interface ExportHost {
  /** As URLs write it: in lower case, an IPv6 address in brackets. */
  readonly name: string;
  /** Whether the names below it are meant, and not itself. */
  readonly isWildcard: boolean;
  /** Undefined: any. */
  readonly port: number | undefined;
}

/** Reads `files.example.com, *.s3.amazonaws.com, 127.0.0.1:9000`. @returns what is wrong, as a text */
export function readExportHosts(text: string): readonly ExportHost[] | string {
  const hosts: ExportHost[] = [];
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const host = readHost(entry);
    if (typeof host === 'string') return host;
    hosts.push(host);
  }
  return hosts;
}

function readHost(entry: string): ExportHost | string {
  if (/[/?#@]/.test(entry))
    return 'must list hosts alone, without scheme, path and user, such as files.example.com,*.s3.amazonaws.com';
  const isWildcard = entry.startsWith('*.');
  const plain = isWildcard ? entry.slice(2) : entry;
  const url = `http://${isIP(plain) === 6 ? `[${plain}]` : plain}`;
  if (plain.includes('*') || !URL.canParse(url)) {
    return `has an entry that is no host (${shown(entry)}); write a name, *.name or an address, each with a port if you like`;
  }
  const { hostname } = new URL(url);
  const name = hostname.replace(/\.$/, '');
  if (isWildcard && (isAddress(name) || !name.includes('.') || /(?:^|\.)localhost$/.test(name))) {
    return `allows too much by ${shown(entry)}: a * stands for the names below one that has a dot, and for no addresses of this machine; list hosts by themselves`;
  }
  // Of a URL the port would be lost where it is the usual one.
  const port = isIP(plain) === 6 ? undefined : /:(\d+)$/.exec(plain)?.[1];
  return { name, isWildcard, port: port === undefined ? undefined : Number(port) };
}

/** Whether exports may be fetched from there. Addresses are allowed only where they are listed themselves. */
export function isExportHost(hosts: readonly ExportHost[], url: URL): boolean {
  const host = url.hostname.replace(/\.$/, '');
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  return hosts.some(
    ({ name, isWildcard, port: wanted }) =>
      (wanted === undefined || wanted === port) &&
      (isWildcard ? !isAddress(host) && host.endsWith(`.${name}`) : host === name),
  );
}

/** The entry that would allow a host, in one word. */
export function exportHostOf({ host }: URL): string {
  return host.replace(/\.$/, '');
}

function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

const LONGEST_SHOWN = 80;

function shown(entry: string): string {
  return JSON.stringify(entry.slice(0, LONGEST_SHOWN));
}
