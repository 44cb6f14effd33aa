import { z } from 'zod';
import { beginsWithHome, HOME_IS_UNKNOWN } from './domain/home-path.js';
import { duration, readDuration } from './pipeline-file/duration.js';
import { readExportHosts } from './task-service/export-hosts.js';
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

const path = z.string().refine((value) => !beginsWithHome(value), { error: HOME_IS_UNKNOWN });

const s3Server = z
  .url({ protocol: /^https?$/, error: 'must be the URL of an S3 server' })
  .refine(isWithoutUser, { error: 'must be the URL of an S3 server, without user and password (not shown)' });

/** The variables that are ours, each with its default. */
export const settings = z.object({
  TITAN_API_URL: originOf('https://api.webscraping.titannet.io').default('https://api.webscraping.titannet.io'),
  TITAN_TOKEN: z
    .string({ error: 'is not set; it holds the JWT or API key of the Task Service' })
    // Any HTTP client can send these characters, and a secret's file holds others only by mistake.
    .regex(/^[\u0021-\u007E]+$/, {
      error: 'holds a blank, a line break or another character that no token has; give the token alone (not shown)',
    }),
  TITAN_AUTH: z.enum(['bearer', 'x-api-key'], { error: 'must be bearer or x-api-key' }).default('bearer'),
  TITAN_RPM: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number of requests a minute, 0 = no limit' })
    .default('120')
    .transform(Number),
  TITAN_EXPORT_HOSTS: z
    .string()
    .transform((setting, context) => {
      const allowed = readExportHosts(setting);
      if (typeof allowed !== 'string') return { allowed, setting };
      context.addIssue({ code: 'custom', message: allowed });
      return z.NEVER;
    })
    .optional(),
  TITANFLOW_TASK_QUEUE: z.string().default('titanflow'),
  TITANFLOW_STORES: path.optional(),
  TITANFLOW_STAGING: path
    .refine((value) => !/^(?:[a-z0-9]+:\/\/|s3:)/i.test(value) || S3_URI.test(value), {
      error: 'must be a directory, or s3://bucket/prefix',
    })
    .default('.titanflow/staging'),
  AWS_ENDPOINT_URL: s3Server.optional(),
  AWS_ENDPOINT_URL_S3: s3Server.optional(),
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
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.infer<z.ZodObject<Shape>> {
  const defined = definedIn(env);
  const broken = Object.keys(schema.shape).filter((name) => name !== 'TITAN_TOKEN' && isBroken(defined[name]));
  const parsed = schema.safeParse(defined);
  if (parsed.success && broken.length === 0) return parsed.data;
  const wrong = (parsed.error?.issues ?? [])
    .filter(({ path: [name] }) => !broken.includes(String(name)))
    .map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new UserError(2, [...broken.map((name) => `${name} ${BROKEN}`), ...wrong].join('\n'));
}

/** Message about a value with a control character: some of its readers would take it, and others not. */
export const BROKEN = 'holds a line break or another control character; give it on one line (not shown)';

export function isBroken(value: string | undefined): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return value !== undefined && /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/.test(value);
}

/**
 * The environment as every reader of ours sees it. An empty variable counts as unset, as compose files and CI systems make
 * them; blanks and line breaks at the ends are cut, as the files of mounted secrets have them.
 */
export function definedIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value = '']) => {
      const trimmed = value.trim();
      return trimmed === '' ? [] : [[name, trimmed]];
    }),
  );
}

/** An origin, written as one: a path would be dropped, and the token sent to whoever serves the root. */
function originOf(example: string) {
  return z.string().transform((text, context) => {
    const problem = faultInOrigin(text, example);
    if (problem === undefined) return new URL(text).origin;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

function faultInOrigin(text: string, example: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return `must be an origin such as ${example}`;
  if (url.username !== '' || url.password !== '') {
    return 'must be an origin without user and password (not shown); the credential goes to TITAN_TOKEN';
  }
  if (/^\/api(?:\/v1)?\/?$/.test(url.pathname))
    return `must be the origin alone, without ${url.pathname}: ${url.origin}`;
  if (url.pathname !== '/' || /[?#]/.test(text)) {
    return `must be an origin without path, query and fragment, such as ${example}; a gateway needs a host or a port of its own for the service`;
  }
  return undefined;
}

function isWithoutUser(text: string): boolean {
  return !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === '');
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
