import { resolve } from 'node:path';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { z } from 'zod';
import { createForeignText, type ForeignText } from './domain/foreign-text.js';
import { faultInS3Endpoint } from './domain/s3-endpoint.js';
import type { StoresConfig } from './domain/store-config.js';
import { secretsOf } from './known-secrets.js';
import { openAgents, type Agents } from './proxies/open-agents.js';
import { proxyFor, readProxies, secretsOfProxies } from './proxies/read-proxies.js';
import {
  definedIn,
  readSettings,
  S3_URI,
  settings,
  type Environment,
  type ListenAddress,
  type LogLevel,
} from './settings.js';
import type { StagingPlace } from './staging/open-staging.js';
import { loadStoresConfig } from './stores-config.js';
import type { ExportHosts } from './task-service/transport.js';
import { withProxy } from './temporal/temporal-proxy.js';
import { loadTemporal } from './temporal/temporal-settings.js';
import { UserError } from './user-error.js';

const SECRET_PREFIX = 'TITANFLOW_SECRET_';
const AWS_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const AWS_KEYS = ['AWS_ACCESS_KEY_ID', ...AWS_SECRETS, 'AWS_REGION'];

/** What every command needs: where Temporal is, and which queue we live on. */
export interface ClientConfig {
  /** Connection options and namespace, from `TEMPORAL_*` and the profile that they name. */
  readonly temporal: ClientConnectConfig;
  readonly taskQueue: string;
}

/** How the Task Service is reached. */
export interface TitanConfig {
  readonly url: string;
  readonly token: string;
  readonly auth: 'bearer' | 'x-api-key';
  /** Requests a minute as long as the service's answers do not say; 0 = no limit. */
  readonly requestsPerMinute: number;
  /** Hosts that exports may be fetched from, when the service redirects there; undefined: none. */
  readonly exportHosts?: ExportHosts | undefined;
  /** Takes requests through the proxies of this machine; left out: they go straight to their servers. */
  readonly openAgents?: (() => Agents) | undefined;
  /** The proxy that the service is reached through, as messages call it. */
  readonly proxy?: string | undefined;
}

/** What a worker needs beside that. */
export interface WorkerConfig extends ClientConfig {
  readonly titan: TitanConfig;
  readonly stores: StoresConfig;
  readonly staging: StagingPlace;
  /** How long staged exports are kept that no live or held run needs. */
  readonly stagingKeepMs: number;
  /** Part of a task's identity; default: the namespace's id. */
  readonly instance: string | undefined;
  /** Secret name to value, for `secretPayload`. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Secrets that others take from the environment: they are masked, and not used by us. */
  readonly alsoSecret?: readonly string[];
  /** Takes requests to stores and webhooks through the proxies of this machine; left out: they go straight there. */
  readonly openAgents?: (() => Agents) | undefined;
  /** Where probes and metrics are served; undefined = nowhere. */
  readonly listen?: ListenAddress | undefined;
}

const clientSettings = settings.pick({ TITANFLOW_TASK_QUEUE: true });
const titanSettings = settings.pick({
  TITAN_API_URL: true,
  TITAN_TOKEN: true,
  TITAN_AUTH: true,
  TITAN_RPM: true,
  TITAN_EXPORT_HOSTS: true,
});
const stagingSettings = settings.pick({ TITANFLOW_STAGING: true, AWS_ENDPOINT_URL: true, AWS_ENDPOINT_URL_S3: true });
const logSettings = settings.pick({ TITANFLOW_LOG: true });

/** @throws UserError naming every setting that is wrong */
export function loadClientConfig(env: Environment = process.env): ClientConfig {
  return { temporal: temporalIn(env), taskQueue: readSettings(clientSettings, env).TITANFLOW_TASK_QUEUE };
}

/** @throws UserError naming every setting that is wrong */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  const values = readSettings(settings, env);
  return Object.freeze({
    temporal: temporalIn(env),
    taskQueue: values.TITANFLOW_TASK_QUEUE,
    titan: titanIn(values, env),
    stores: loadStoresConfig(env),
    openAgents: loadAgents(env),
    staging: stagingIn(values, env),
    stagingKeepMs: values.TITANFLOW_STAGING_KEEP,
    instance: values.TITANFLOW_INSTANCE,
    secrets: secretsIn(env),
    alsoSecret: [...awsSecretsIn(env), ...secretsOfProxies(readProxies(env))],
    listen: values.TITANFLOW_LISTEN,
  });
}

/** @throws UserError naming every setting that is wrong */
export function loadTitanConfig(env: Environment = process.env): TitanConfig {
  return titanIn(readSettings(titanSettings, env), env);
}

/** @throws UserError naming every setting that is wrong */
export function loadStagingPlace(env: Environment = process.env): StagingPlace {
  awsSecretsIn(env);
  return stagingIn(readSettings(stagingSettings, env), env);
}

/**
 * Returns what takes requests through the proxies of this machine, each by its server; undefined where there is no proxy.
 *
 * @throws UserError
 */
export function loadAgents(env: Environment = process.env): (() => Agents) | undefined {
  const proxies = readProxies(env);
  return proxies.https || proxies.http ? () => openAgents(proxies) : undefined;
}

/** @throws UserError */
export function loadRequestsPerMinute(env: Environment = process.env): number {
  return readSettings(settings.pick({ TITAN_RPM: true }), env).TITAN_RPM;
}

/** What tells this installation from others; undefined: the namespace's id does. */
export function loadInstance(env: Environment = process.env): string | undefined {
  return readSettings(settings.pick({ TITANFLOW_INSTANCE: true }), env).TITANFLOW_INSTANCE;
}

export function loadLogLevel(env: Environment = process.env): LogLevel {
  return readSettings(logSettings, env).TITANFLOW_LOG;
}

/** Whether the environment says where a Temporal server is. */
export function namesTemporalServer(env: Environment = process.env): boolean {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_PROFILE: profile } = definedIn(env);
  return address !== undefined || profile !== undefined;
}

/** All secrets that the environment and the stores file tell of, as far as they can be read. */
export function loadSecrets(env: Environment = process.env): readonly string[] {
  const temporal = unlessWrong(() => loadTemporal(env));
  const stores = unlessWrong(() => loadStoresConfig(env));
  const proxies = unlessWrong(() => readProxies(env));
  const alsoSecret = [...AWS_SECRETS.flatMap((name) => env[name] ?? []), ...(proxies ? secretsOfProxies(proxies) : [])];
  const titan = { token: definedIn(env)['TITAN_TOKEN'] ?? '' };
  return secretsOf({
    titan,
    secrets: secretsIn(env),
    alsoSecret,
    ...(temporal ? { temporal } : {}),
    ...(stores ? { stores } : {}),
  });
}

/** Masks and cuts what the service says to a command. */
export function loadForeignText(env: Environment = process.env): ForeignText {
  return createForeignText(loadSecrets(env));
}

function unlessWrong<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The environment as it is, for the programs that we start. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

function temporalIn(env: Environment): ClientConnectConfig {
  const temporal = loadTemporal(env);
  return { ...temporal, connectionOptions: withProxy(temporal.connectionOptions, readProxies(env)) };
}

function titanIn(values: z.infer<typeof titanSettings>, env: Environment): TitanConfig {
  const { protocol, hostname, port } = new URL(values.TITAN_API_URL);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  const proxy = proxyFor(readProxies(env), protocol, hostname, port === '' ? defaultPort : Number(port));
  return {
    url: values.TITAN_API_URL,
    token: values.TITAN_TOKEN,
    auth: values.TITAN_AUTH,
    requestsPerMinute: values.TITAN_RPM,
    exportHosts: values.TITAN_EXPORT_HOSTS,
    openAgents: loadAgents(env),
    proxy: proxy?.shown,
  };
}

function secretsIn(env: Environment): ReadonlyMap<string, string> {
  const named = Object.entries(definedIn(env)).filter(([name]) => name.startsWith(SECRET_PREFIX));
  return new Map(named.map(([name, value]) => [name.slice(SECRET_PREFIX.length), value]));
}

/** Keys that the AWS SDK takes from the environment by itself, as they are. @throws UserError where it would not trim them */
function awsSecretsIn(env: Environment): string[] {
  const wrong = AWS_KEYS.filter((name) => env[name] !== undefined && env[name] !== '' && /^\s|\s$/.test(env[name]));
  if (wrong.length > 0) {
    const says = 'begins or ends with a blank or a line break, and the AWS SDK takes it as it is; mend it (not shown)';
    throw new UserError(2, wrong.map((name) => `${name} ${says}`).join('\n'));
  }
  return AWS_SECRETS.flatMap((name) => env[name] ?? []);
}

/** The rest of what the S3 server needs is read by the AWS SDK itself. */
function stagingIn(values: z.infer<typeof stagingSettings>, env: Environment): StagingPlace {
  const { TITANFLOW_STAGING: text, AWS_ENDPOINT_URL_S3: endpoint = values.AWS_ENDPOINT_URL } = values;
  const { bucket, prefix = '' } = S3_URI.exec(text)?.groups ?? {};
  if (bucket === undefined) return { kind: 'directory', directory: resolve(text) };
  const shortened = prefix.split('/').filter(Boolean).join('/');
  const agents = loadAgents(env);
  const place = { kind: 's3', bucket, prefix: shortened, ...(agents ? { openAgents: agents } : {}) } as const;
  if (endpoint === undefined) return place;
  const fault = faultInS3Endpoint(
    endpoint,
    bucket,
    (server) => `write ${server}, and the bucket in TITANFLOW_STAGING, as it is (${text})`,
  );
  if (fault === undefined) return { ...place, endpoint };
  const name = values.AWS_ENDPOINT_URL_S3 === undefined ? 'AWS_ENDPOINT_URL' : 'AWS_ENDPOINT_URL_S3';
  throw new UserError(2, `${name} ${fault}`);
}
