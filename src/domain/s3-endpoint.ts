const EXAMPLE = 'must be a URL such as https://s3.example.com, without a password';
/** Supabase serves S3 below it. */
const KNOWN_PATH = 'storage/v1/s3';

/** How to write a server and a bucket instead. @param server its URL, without the bucket */
export type EndpointCure = (server: string) => string;

/**
 * What is wrong with the address of an S3 server, as a predicate; undefined if nothing is. The bucket has no place in it: a
 * bucket that stands there, too, becomes part of every key, and all seems well until somebody looks for the rows.
 */
export function faultInS3Endpoint(endpoint: string, bucket: string, cure: EndpointCure): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:\/\/[^@]+$/.test(endpoint)) return EXAMPLE;
  if (/[?#]/.test(endpoint)) return 'must be a URL without "?" and "#", such as https://s3.example.com';
  const own = `${bucket}.`;
  const isNumbers = /^[\d.]+$/.test(url.hostname);
  const host = url.host.startsWith(own) && !isNumbers ? url.host.slice(own.length) : url.host;
  const path = url.pathname.replaceAll(/^\/+|\/+$/g, '');
  if (host === url.host && (path === '' || path === KNOWN_PATH)) return undefined;
  const hasBucket = host !== url.host || path.split('/').includes(bucket);
  return `${hasBucket ? 'must not have the bucket in it' : 'must not have a path'}: ${cure(`${url.protocol}//${host}`)}`;
}

/** The two forms of a store's settings. */
export function storeEndpointCure(bucket: string): EndpointCure {
  return (server) =>
    `write ${server} where the bucket stands in the path (${server}/${bucket}/…), and ${server} with "forcePathStyle": false where it stands in the host's name (${server.replace('://', `://${bucket}.`)}/…)`;
}
