import type { ClientConnectConfig } from '@temporalio/envconfig';
import { createForeignText, type ForeignText } from './domain/foreign-text.js';
import { passwordsIn } from './domain/postgres-url.js';
import type { StoreConfig, StoresConfig } from './domain/store-config.js';

/** The settings of a process, in so far as they are secret. */
export interface Told {
  readonly titan: { readonly token: string };
  readonly secrets: ReadonlyMap<string, string>;
  readonly stores?: StoresConfig;
  readonly temporal?: ClientConnectConfig;
  readonly alsoSecret?: readonly string[];
}

/** The texts that nobody must ever read in a history, a log or a message. */
export function secretsOf({ titan, secrets, stores = {}, temporal, alsoSecret = [] }: Told): string[] {
  return [
    titan.token,
    ...[...secrets.values()].flatMap((secret) => [secret, ...signingKeyIn(secret)]),
    ...alsoSecret,
    ...Object.values(stores).flatMap(secretsOfStore),
    ...(temporal ? secretsOfTemporal(temporal) : []),
  ];
}

/**
 * The longest text that a whole message of ours may have: it may hold two foreign texts, each of them cut already.
 */
const LONGEST_MESSAGE_BYTES = 8_000;

/** Masks whole messages, where they leave the process. */
export function maskingAll(secrets: Iterable<string>): ForeignText {
  return createForeignText(secrets, LONGEST_MESSAGE_BYTES);
}

/** Shorter secrets may be words of ours. */
const SHORTEST_HIDDEN = 12;

/** Masks texts of our own, in which foreign text should be masked already, where it came in: nothing is cut. */
export function hidingLong(secrets: Iterable<string>): ForeignText {
  return createForeignText(
    [...secrets].filter((secret) => secret.length >= SHORTEST_HIDDEN),
    Number.POSITIVE_INFINITY,
  );
}

/** A webhook's secret is known to its other end without the prefix. */
function signingKeyIn(secret: string): string[] {
  const [, key] = /^whsec_(.+)$/.exec(secret) ?? [];
  return key === undefined ? [] : [key, Buffer.from(key, 'base64').toString()];
}

function secretsOfStore(store: StoreConfig): string[] {
  switch (store.kind) {
    case 'postgres':
      return [store.url, ...passwordsIn(store.url)];
    case 's3':
      return [store.accessKeyId ?? '', store.secretAccessKey ?? ''];
    case 'duckdb':
    case 'files':
      return [];
  }
}

const LONGEST_LINE_OF_NO_SECRET = 31;

function secretsOfTemporal({ connectionOptions: { apiKey, tls, metadata } }: ClientConnectConfig): string[] {
  const pair = typeof tls === 'object' ? tls?.clientCertPair : undefined;
  const key = pair ? new TextDecoder().decode(pair.key) : '';
  return [
    typeof apiKey === 'string' ? apiKey : '',
    key,
    // A key of many lines may be shown with others between them.
    ...key.split(/\r?\n/).filter((line) => line.length > LONGEST_LINE_OF_NO_SECRET && !line.startsWith('-----')),
    ...Object.values(metadata ?? {}).map(String),
  ];
}
