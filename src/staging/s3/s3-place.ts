import type { Agent as PlainAgent } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';

/** Exports as objects `<prefix>/<name>` of one bucket. */
export interface S3Place {
  readonly kind: 's3';
  readonly bucket: string;
  /** Without slashes at its ends; empty = the bucket itself. */
  readonly prefix: string;
  /** Of a server other than Amazon's: then buckets are in the path. The rest comes from the SDK's own environment. */
  readonly endpoint?: string;
  /** Opens the connections' agents. Default: the SDK's, which go straight to the server. */
  readonly openAgents?: () => { readonly httpAgent: PlainAgent; readonly httpsAgent: SecureAgent };
}

export function keyOf({ prefix }: S3Place, name: string): string {
  return prefix === '' ? name : `${prefix}/${name}`;
}

export function uriOf(place: S3Place, name: string): string {
  return `s3://${place.bucket}/${keyOf(place, name)}`;
}
