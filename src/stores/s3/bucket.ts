import type { Agent as PlainAgent } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3StoreConfig } from '../../domain/store-config.js';
import { isErrno } from '../layout/file-failure.js';
import { StoreError } from '../store.js';
import { s3Failure } from './s3-failure.js';

/** A bucket, and the prefix of the store's keys in it. */
export interface Bucket {
  readonly name: string;
  /** For messages: no keys in it. */
  readonly where: string;
  /** The whole key of what the store calls `name`. */
  keyOf(name: string): string;
  /** Sends requests; what they throw becomes a StoreError, or the signal's reason. */
  use<Result>(signal: AbortSignal | undefined, work: (client: S3Client) => Promise<Result>): Promise<Result>;
  close(): void;
}

/** Opens the agents of a client's connections, which end with it. */
export type OpenAgents = () => { readonly httpAgent: PlainAgent; readonly httpsAgent: SecureAgent };

/**
 * @param store how the stores file calls it
 * @param openAgents default: the SDK's agents, which go straight to the server
 */
export function openBucket(store: string, config: S3StoreConfig, openAgents?: OpenAgents): Bucket {
  const { bucket: name, prefix, endpoint } = config;
  const server = endpoint === undefined ? '' : ` at ${new URL(endpoint).origin}`;
  const where = `Store ${JSON.stringify(store)}, s3://${name}${prefix === '' ? '' : `/${prefix}`}${server}`;
  const client = createClient(where, config, openAgents);
  return {
    name,
    where,
    keyOf: (path) => (prefix === '' ? path : `${prefix}/${path}`),
    async use(signal, work) {
      signal?.throwIfAborted();
      try {
        return await work(client);
      } catch (error) {
        signal?.throwIfAborted();
        // A file of this machine that fails is no matter of the server's.
        throw isErrno(error) && error.path !== undefined ? error : s3Failure(where, error);
      }
    },
    close: () => client.destroy(),
  };
}

function createClient(where: string, config: S3StoreConfig, openAgents?: OpenAgents): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle } = config;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new StoreError('rejected', `${where}: set both accessKeyId and secretAccessKey, or none.`);
  }
  const settings: S3ClientConfig = {
    // A single part that is lost must not cost a whole upload, so the SDK tries again; whole loads are Temporal's matter.
    maxAttempts: 3,
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, ...openAgents?.() },
    // Node writes the head of a request that expects to be told to go on before a proxy can be chosen for it.
    ...(openAgents ? { expectContinueHeader: false } : {}),
  };
  const signing = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  return new S3Client({
    ...settings,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(signing === undefined ? {} : { region: signing }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  });
}

const CONNECT_MS = 5_000;
/** A server that puts a big upload together may say nothing for a while. */
const SILENCE_MS = 120_000;
