import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { checked } from './checked.js';
import { durationSchema } from './duration.js';
import { errorStatus, faultSchema } from './fault-schema.js';
import { isFile } from './given-file.js';
import { listDialectSchema } from './list-dialect.js';
import { rateLimitSchema } from './rate-limit-settings.js';
import { isReadablePattern } from './script.js';

const rows = z.int().nonnegative();
const share = z.number().min(0, 'must be a share from 0 to 1').max(1, 'must be a share from 0 to 1');
const file = z.string().refine(isFile, 'is no file that can be read');
const outcome = z
  .string()
  .min(1)
  .refine((status) => status !== 'paused', 'an execution is paused by a call, not by itself');

const refusalSchema = z.strictObject({
  status: errorStatus.default(400),
  /** Default: the API's code for that status. */
  code: z.string().min(1).optional(),
  message: z.string().optional(),
});

const taskScriptSchema = z.strictObject({
  /** The task's name, with or without a ` [tf …]` that titanflow has added, or `/a regular expression/`. */
  name: z.string().min(1).refine(isReadablePattern, 'is not a valid regular expression'),
  seconds: durationSchema.optional(),
  rows: rows.optional(),
  badRows: share.optional(),
  file: file.optional(),
  status: outcome.optional(),
  error: z.string().optional(),
  /** Creating such a task is refused. */
  refuse: refusalSchema.optional(),
});

const scenarioSchema = z.strictObject({
  /** Life of an execution, from its creation to its end; a pair is a range. */
  seconds: durationSchema.default(5),
  /** Rows of an execution; default 20, or 0 for a failed one. */
  rows: rows.optional(),
  /** Share of rows whose last field is null, whatever the schema says of it. */
  badRows: share.default(0),
  /** Sent as it is, as the results of every execution; `rows` is then only what is said of it. */
  file: file.optional(),
  /** How executions end: completed, completed_with_errors, failed, cancelled, or any word to try an unknown status. */
  status: outcome.default('completed'),
  /** Error text of executions that fail. */
  error: z.string().optional(),
  lists: listDialectSchema.prefault({}),
  /** Lists show everything as it was so long ago. */
  listLagSeconds: z.number().nonnegative().default(0),
  /** False: tasks and executions are shown without any time. */
  timestamps: z.boolean().default(true),
  /** Fields of tasks and executions that are not shown. */
  hidden: z.array(z.string().refine((field) => field !== 'id' && field !== 'status', 'is always shown')).default([]),
  /** The service's clock is ahead by so much, or behind. */
  clockSkewSeconds: z.number().default(0),
  /** Replaces settings of the rate limit; without this key it stays as it is. */
  rateLimit: rateLimitSchema.optional(),
  /** The first whose name matches says how a task's executions go. */
  tasks: z.array(taskScriptSchema).default([]),
  /** The first that matches a request and is not used up is applied to it. */
  faults: z.array(faultSchema).default([]),
});

/** How the emulator behaves. A scenario of nothing is the default one. */
export type Scenario = z.input<typeof scenarioSchema>;
/** A scenario with its defaults filled in. */
export type ResolvedScenario = z.output<typeof scenarioSchema>;

/**
 * Reads a scenario from YAML or JSON.
 *
 * @throws Error that names the file and every wrong key
 */
export function parseScenario(text: string, fileName: string): ResolvedScenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new Error(`${fileName}:${line}:${col}: ${broken.message}`);
  }
  return resolveScenario(document.toJS() ?? {}, fileName);
}

/**
 * Checks a scenario and fills in its defaults.
 *
 * @param source how to call it in the message, e.g. a file name
 * @throws Error that names every wrong key
 */
export function resolveScenario(scenario: unknown, source: string): ResolvedScenario {
  return checked(scenarioSchema, scenario, source);
}
