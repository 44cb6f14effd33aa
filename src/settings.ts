import { z } from 'zod';
import { duration, readDuration } from './pipeline-file/duration.js';
import { UserError } from './user-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ListenAddress {
  /** A name or an address, IPv6 without brackets; left out: all addresses of the machine. */
  readonly host?: string;
  /** 0 = any that is free. */
  readonly port: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const S3_URI = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/(?<prefix>.*))?$/;

/** The variables that are ours, each with its default. */
export const settings = z.object({
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

/** @throws UserError naming every setting that is wrong */
export function readSettings<Output>(schema: z.ZodType<Output>, env: Environment): Output {
  const parsed = schema.safeParse(definedIn(env));
  if (parsed.success) return parsed.data;
  throw new UserError(2, parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
}

/** An empty variable counts as unset, as compose files and CI systems make them. */
export function definedIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
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
