import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { checked } from './checked.js';
import { clockSchema } from './clock.js';
import { durationSchema } from './duration.js';
import { faultSchema } from './fault-schema.js';
import { listDialectSchema } from './list-dialect.js';
import { rateLimitSchema } from './rate-limit-settings.js';
import { filePath, lagSeconds, outcome, rowCount, share, taskScriptSchema, tooEarlyStatus } from './task-script.js';

const someCase = z.enum(['lower', 'upper']);
const howMany = z.int().nonnegative();

const scenarioSchema = z.strictObject({
  /** Life of an execution, from its creation to its end; a pair is a range. */
  seconds: durationSchema.default(5),
  /** Rows of an execution; default 20, or 0 for a failed one. */
  rows: rowCount.optional(),
  /** Share of rows whose last field is null, whatever the schema says of it. */
  badRows: share.default(0),
  /** Sent as it is, as the results of every execution; `rows` is then only what is said of it. */
  file: filePath.optional(),
  /** How executions end: completed, completed_with_errors, failed, cancelled, or any word to try an unknown status. */
  status: outcome.default('completed'),
  /** Error text of executions that fail. */
  error: z.string().optional(),
  /** How long after an execution's end its results are not ready. */
  resultsLagSeconds: lagSeconds.default(0),
  /** Status of the answer to an export until then. */
  resultsLagStatus: tooEarlyStatus.default(409),
  lists: listDialectSchema.prefault({}),
  /** Lists show everything as it was so long ago. */
  listLagSeconds: lagSeconds.default(0),
  /** False: tasks and executions are shown without any time. */
  timestamps: z.boolean().default(true),
  /** Fields of tasks and executions that are not shown. */
  hidden: z.array(z.string().refine((field) => field !== 'id' && field !== 'status', 'is always shown')).default([]),
  /** The service's clock is ahead by so much, or behind. */
  clockSkewSeconds: z.number().default(0),
  /** Clocks that differ from each other, and how times are written. */
  clock: clockSchema.prefault({}),
  /** How statuses are written; default: as they are. */
  statusCase: someCase.optional(),
  /** How lists write ids; whatever the case, an id finds its object. Default: as they are. */
  idCase: someCase.optional(),
  /** How many executions of other tasks stand in every list of executions, even in that of one task. */
  strangers: howMany.default(0),
  /** How many tasks of other people were there before. */
  olderTasks: howMany.default(0),
  /** How many tasks of other people have been created since. */
  newerTasks: howMany.default(0),
  /** Status of the answer to running a task that is paused. */
  pausedStatus: z.literal([400, 409], 'must be 400 or 409').default(409),
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
