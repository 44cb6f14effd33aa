import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import type { StoresConfig } from './domain/store-config.js';
import { duration, readDuration } from './pipeline-file/duration.js';
import type { KnownStores } from './pipeline-file/known-stores.js';
import { formatProblem, type Problem } from './pipeline-file/problems.js';
import { parseStoreNames, parseStores } from './pipeline-file/read-stores-file.js';
import type { StagingPlace } from './staging/open-staging.js';
import { UserError } from './user-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

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
  /** Where probes and metrics are served; undefined = nowhere. */
  readonly listen?: ListenAddress | undefined;
}

export interface ListenAddress {
  /** A name or an address, IPv6 without brackets; left out: all addresses of the machine. */
  readonly host?: string;
  /** 0 = any that is free. */
  readonly port: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_PREFIX = 'TITANFLOW_SECRET_';
const DEFAULT_STORES_FILE = 'stores.yaml';
const S3_URI = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/(?<prefix>.*))?$/;

const settings = z.object({
  TITAN_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an origin such as https://api.webscraping.titannet.io' })
    .default('https://api.webscraping.titannet.io'),
  TITAN_TOKEN: z.string({ error: 'is not set; it holds the JWT or API key of the Task Service' }),
  TITAN_AUTH: z.enum(['bearer', 'x-api-key'], { error: 'must be bearer or x-api-key' }).default('bearer'),
  TITAN_RPM: z
    .string()
    .regex(/^\d+$/, { error: 'must be a whole number of requests a minute, 0 = no limit' })
    .default('120')
    .transform(Number),
  TITANFLOW_TASK_QUEUE: z.string().default('titanflow'),
  TITANFLOW_STORES: z.string().optional(),
  TITANFLOW_STAGING: z
    .string()
    .refine((value) => !/^(?:[a-z0-9]+:\/\/|s3:)/i.test(value) || S3_URI.test(value), {
      error: 'must be a directory, or s3://bucket/prefix',
    })
    .default('.titanflow/staging'),
  AWS_ENDPOINT_URL: z.url({ protocol: /^https?$/, error: 'must be the URL of an S3 server' }).optional(),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: 'must be the URL of an S3 server' }).optional(),
  TITANFLOW_STAGING_KEEP: duration.default('7 days').transform((text) => readDuration(text) ?? 0),
  TITANFLOW_INSTANCE: z.string().optional(),
  TITANFLOW_LISTEN: z
    .string()
    .refine(isAddress, { error: 'must be host:port, such as 127.0.0.1:9464, [::1]:9464 or :9464' })
    .transform(addressIn)
    .optional(),
  TITANFLOW_LOG: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

const clientSettings = settings.pick({ TITANFLOW_TASK_QUEUE: true });
const titanSettings = settings.pick({ TITAN_API_URL: true, TITAN_TOKEN: true, TITAN_AUTH: true, TITAN_RPM: true });
const storesSettings = settings.pick({ TITANFLOW_STORES: true });
const stagingSettings = settings.pick({ TITANFLOW_STAGING: true, AWS_ENDPOINT_URL: true, AWS_ENDPOINT_URL_S3: true });
const logSettings = settings.pick({ TITANFLOW_LOG: true });

/** @throws UserError naming every setting that is wrong */
export function loadClientConfig(env: Environment = process.env): ClientConfig {
  return { temporal: loadTemporal(env), taskQueue: read(clientSettings, env).TITANFLOW_TASK_QUEUE };
}

/** @throws UserError naming every setting that is wrong */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  const values = read(settings, env);
  return Object.freeze({
    temporal: loadTemporal(env),
    taskQueue: values.TITANFLOW_TASK_QUEUE,
    titan: titanIn(values),
    stores: loadStores(values.TITANFLOW_STORES, env),
    staging: stagingIn(values),
    stagingKeepMs: values.TITANFLOW_STAGING_KEEP,
    instance: values.TITANFLOW_INSTANCE,
    secrets: secretsIn(env),
    listen: values.TITANFLOW_LISTEN,
  });
}

/** @throws UserError naming every setting that is wrong */
export function loadTitanConfig(env: Environment = process.env): TitanConfig {
  return titanIn(read(titanSettings, env));
}

/** @throws UserError naming every setting that is wrong */
export function loadStoresConfig(env: Environment = process.env): StoresConfig {
  return loadStores(read(storesSettings, env).TITANFLOW_STORES, env);
}

/** The stores that there are, or what is wrong with their file; variables that it names need not be set. */
export function loadKnownStores(
  env: Environment = process.env,
): KnownStores | { readonly problems: readonly Problem[] } {
  const { TITANFLOW_STORES: named } = read(storesSettings, env);
  const file = named ?? DEFAULT_STORES_FILE;
  if (named === undefined && !existsSync(file)) return { names: ['local'] };
  if (!existsSync(file))
    return { problems: [{ path: [], message: 'there is no such file, TITANFLOW_STORES names it', file }] };
  const stores = parseStoreNames(readText(file), file, env);
  return 'names' in stores
    ? { ...stores, file }
    : { problems: stores.problems.map((problem) => ({ ...problem, file })) };
}

/** @throws UserError naming every setting that is wrong */
export function loadStagingPlace(env: Environment = process.env): StagingPlace {
  return stagingIn(read(stagingSettings, env));
}

/** @throws UserError */
export function loadRequestsPerMinute(env: Environment = process.env): number {
  return read(settings.pick({ TITAN_RPM: true }), env).TITAN_RPM;
}

/** What tells this installation from others; undefined: the namespace's id does. */
export function loadInstance(env: Environment = process.env): string | undefined {
  return definedIn(env)['TITANFLOW_INSTANCE'];
}

export function loadLogLevel(env: Environment = process.env): LogLevel {
  return read(logSettings, env).TITANFLOW_LOG;
}

/** Whether the environment says where a Temporal server is. */
export function namesTemporalServer(env: Environment = process.env): boolean {
  return env['TEMPORAL_ADDRESS'] !== undefined || env['TEMPORAL_PROFILE'] !== undefined;
}

/** The environment as it is, for the programs that we start. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

function titanIn(values: z.infer<typeof titanSettings>): TitanConfig {
  return {
    url: values.TITAN_API_URL,
    token: values.TITAN_TOKEN,
    auth: values.TITAN_AUTH,
    requestsPerMinute: values.TITAN_RPM,
  };
}

function loadTemporal(env: Environment): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: definedIn(env) });
  } catch (error) {
    throw new UserError(2, `Temporal's settings: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function loadStores(file: string | undefined, env: Environment): StoresConfig {
  const path = file ?? DEFAULT_STORES_FILE;
  if (file === undefined && !existsSync(path)) {
    return { local: { kind: 'files', directory: resolve('out'), format: 'jsonl' } };
  }
  const read = parseStores(readText(path), path, env, dirname(resolve(path)));
  if ('stores' in read) return read.stores;
  throw new UserError(2, read.problems.map((problem) => formatProblem(path, problem)).join('\n'));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UserError(2, `TITANFLOW_STORES: cannot read ${path}`);
  }
}

function secretsIn(env: Environment): ReadonlyMap<string, string> {
  const named = Object.entries(env).filter(([name]) => name.startsWith(SECRET_PREFIX));
  return new Map(named.map(([name, value]) => [name.slice(SECRET_PREFIX.length), value ?? '']));
}

/** The rest of what the S3 server needs is read by the AWS SDK itself. */
function stagingIn(values: z.infer<typeof stagingSettings>): StagingPlace {
  const { TITANFLOW_STAGING: text, AWS_ENDPOINT_URL_S3: endpoint = values.AWS_ENDPOINT_URL } = values;
  const { bucket, prefix = '' } = S3_URI.exec(text)?.groups ?? {};
  if (bucket === undefined) return { kind: 'directory', directory: resolve(text) };
  const place = { kind: 's3', bucket, prefix: prefix.split('/').filter(Boolean).join('/') } as const;
  return endpoint === undefined ? place : { ...place, endpoint };
}

function addressIn(text: string): ListenAddress | undefined {
  const {
    v6,
    host = v6,
    port,
  } = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<host>[^\s:/[\]]+))?:(?<port>\d{1,5})$/i.exec(text)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { ...(host === undefined ? {} : { host }), port: Number(port) };
}

function isAddress(text: string): boolean {
  return addressIn(text) !== undefined;
}

function read<Output>(schema: z.ZodType<Output>, env: Environment): Output {
  const parsed = schema.safeParse(definedIn(env));
  if (parsed.success) return parsed.data;
  throw new UserError(2, parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
}

/** An empty variable counts as unset, as compose files and CI systems make them. */
function definedIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}
