import { z } from 'zod';
import type { Profile } from '../rows/examiner.js';
import { StagingError, type Staging } from '../staging/staging.js';

/** Ids are the service's, and workflows': whatever is in them must stay one plain file name. */
export function runFolder(run: string): string {
  return encodeURIComponent(run).replaceAll('.', '%2E');
}

/** The names under which one run's files lie in staging. */
export function stagedNames(run: string, format: string) {
  const folder = runFolder(run);
  return {
    /** The document as it was downloaded. */
    export: `${folder}/export.${format}`,
    /** What was learnt of it: {@link StagedFacts}. */
    facts: `${folder}/facts.json`,
    /** One {@link StagedReject} a line. */
    rejects: `${folder}/rejects.jsonl`,
    /** A document that nobody can read as rows, kept to be looked at: none of the others belongs to it. */
    unread: `${folder}/unread.${format}`,
    /** Says that all of these are there, and belong together. */
    note: `${folder}/staged.json`,
  };
}

export type StagedNames = ReturnType<typeof stagedNames>;
/** The files that a `forEach` step keeps in the folder of its run: see for-each/step-files.ts. */
const OF_A_STEP = /^(plan|task|batch-\d+)\.json$|^(values-\d+|manifest)\.jsonl$/;

/** The run whose files these are, all that lie in one folder; undefined where something else is among them. */
export function runOf(folder: string, names: readonly string[]): string | undefined {
  const run = decoded(folder);
  if (run === undefined) return undefined;
  const own = new Set(['json', 'csv'].flatMap((format) => Object.values(stagedNames(run, format))));
  const isOwn = (name: string): boolean => own.has(name) || OF_A_STEP.test(name.slice(folder.length + 1));
  return names.every(isOwn) ? run : undefined;
}

function decoded(folder: string): string | undefined {
  try {
    return decodeURIComponent(folder);
  } catch {
    return undefined;
  }
}

/** What publishing needs to know beside the document itself. */
export interface StagedFacts {
  readonly profile: Profile;
  /** Who owns the tables that the run replaces. */
  readonly owner: string;
  /** How the records were found in the document. */
  readonly records?: string;
  readonly rowKeys: readonly string[];
  /** Where the document can be read as it is, by others than us: with the bytes of its longest record. */
  readonly plainArray?: { readonly longest: number };
}

const columnType = z.enum(['text', 'timestamptz', 'bigint', 'numeric', 'boolean', 'jsonb']);
const facts = z.object({
  profile: z.object({
    records: z.number(),
    rejected: z.number(),
    columns: z.array(z.object({ name: z.string(), type: columnType })),
    coerce: z.boolean(),
    nested: z.array(z.string()),
    isPlain: z.boolean().default(false),
    guessed: z.boolean().exactOptional(),
    empty: z.array(z.string()).exactOptional(),
    hasLooseNames: z.boolean().exactOptional(),
  }),
  owner: z.string(),
  records: z.string().exactOptional(),
  rowKeys: z.array(z.string()),
  plainArray: z.object({ longest: z.number() }).exactOptional(),
});

const stagedReject = z.object({ row: z.number(), reason: z.string(), raw: z.string() });

export type StagedReject = z.infer<typeof stagedReject>;

/**
 * The rejects of a run, in the order of its records. Not by `readline`: it takes U+2028 for the end of a line, which a raw record may hold.
 *
 * @throws StagingError
 */
export async function* readStagedRejects(staging: Staging, name: string): AsyncGenerator<StagedReject> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of staging.read(name)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield readReject(line, name);
  }
  const last = rest + decoder.decode();
  if (last !== '') yield readReject(last, name);
}

function readReject(line: string, name: string): StagedReject {
  const parsed = stagedReject.safeParse(parse(line));
  if (parsed.success) return parsed.data;
  throw new StagingError('missing', `staging: ${name} is damaged`);
}

/** @throws StagingError when they are not there, or not readable any more */
export function readFacts(staging: Staging, name: string): Promise<StagedFacts> {
  return readStaged(staging, name, facts);
}

/** @throws StagingError when it is not there, or not what it was */
export async function readStaged<Value>(staging: Staging, name: string, schema: z.ZodType<Value>): Promise<Value> {
  const chunks: Buffer[] = [];
  for await (const chunk of staging.read(name)) chunks.push(Buffer.from(chunk));
  const parsed = schema.safeParse(parse(Buffer.concat(chunks).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new StagingError('missing', `staging: ${name} is damaged`);
}

/** @throws StagingError */
export async function writeStaged(staging: Staging, name: string, value: object): Promise<void> {
  const file = await staging.create(name);
  try {
    await file.write(JSON.stringify(value));
    await file.commit();
  } finally {
    await file.abort();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
