import { z } from 'zod';
import { beginsWithHome, HOME_IS_UNKNOWN } from '../domain/home-path.js';
import { faultInPostgresUrl } from '../domain/postgres-url.js';
import { faultInS3Endpoint, storeEndpointCure } from '../domain/s3-endpoint.js';

/** Blanks and line breaks at its ends come from how it is written, as in a block of YAML. */
const text = z.string().trim().min(1, 'must not be empty');
const path = text.refine((value) => !beginsWithHome(value), { error: HOME_IS_UNKNOWN });

/** What is wrong with several keys together: `params` marks a message that is whole. */
const ESCAPES_CSV_ONLY = { error: '"escapeFormulas" is for format "csv" only', params: {} };

const fileOptions = {
  format: z.enum(['jsonl', 'csv', 'parquet']).exactOptional(),
  escapeFormulas: z.boolean().exactOptional(),
};

const duckdb = z.strictObject({ kind: z.literal('duckdb'), path });

const files = z
  .strictObject({ kind: z.literal('files'), directory: path, ...fileOptions })
  .refine(escapesCsvOnly, ESCAPES_CSV_ONLY);

const s3Settings = z.strictObject({
  kind: z.literal('s3'),
  bucket: z.string().regex(/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/, {
    error: 'must be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens',
  }),
  prefix: z.string().trim().exactOptional(),
  endpoint: text.exactOptional(),
  region: text.exactOptional(),
  accessKeyId: text.exactOptional(),
  secretAccessKey: text.exactOptional(),
  forcePathStyle: z.boolean().exactOptional(),
  ...fileOptions,
});

const s3 = s3Settings
  .superRefine(({ endpoint, bucket }, context) => {
    const fault = endpoint === undefined ? undefined : faultInS3Endpoint(endpoint, bucket, storeEndpointCure(bucket));
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['endpoint'], message: fault });
  })
  .refine(escapesCsvOnly, ESCAPES_CSV_ONLY)
  .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), {
    error: 'set both "accessKeyId" and "secretAccessKey", or none',
    params: {},
  });

const postgres = z.strictObject({
  kind: z.literal('postgres'),
  url: z
    .string()
    .trim()
    .superRefine((url, context) => {
      const fault = faultInPostgresUrl(url);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }),
});

/** A stores file, its `${NAME}`s filled in. */
export const storesFile = z.strictObject({
  stores: z.record(z.string().min(1, 'must not be empty'), z.discriminatedUnion('kind', [duckdb, files, postgres, s3])),
});

export type StoresFile = z.infer<typeof storesFile>['stores'];

function escapesCsvOnly({ format, escapeFormulas }: { format?: string; escapeFormulas?: boolean }): boolean {
  return escapeFormulas !== true || format === 'csv';
}
