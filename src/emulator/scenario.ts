import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { FILE_ROUTES, ROUTES } from './route.js';
import { isReadablePattern } from './script.js';

const seconds = z.number().nonnegative();
const rows = z.int().nonnegative();
const outcome = z
  .string()
  .min(1)
  .refine((status) => status !== 'paused', 'an execution is paused by a call, not by itself');
const httpStatus = z.int().min(400).max(599);

const refusalSchema = z.strictObject({
  status: httpStatus.default(400),
  /** Default: the API's code for that status. */
  code: z.string().min(1).optional(),
  message: z.string().optional(),
});

const taskScriptSchema = z.strictObject({
  /** The task's name, with or without a ` [tf …]` that titanflow has added, or `/a regular expression/`. */
  name: z.string().min(1).refine(isReadablePattern, 'is not a valid regular expression'),
  seconds: seconds.optional(),
  rows: rows.optional(),
  status: outcome.optional(),
  error: z.string().optional(),
  /** Creating such a task is refused. */
  refuse: refusalSchema.optional(),
});

const KNOWN_ROUTES: ReadonlySet<string> = new Set<string>([...ROUTES, '*']);

/** What a kind of fault takes of a refusal. */
const USED_BY: Readonly<Record<string, readonly string[]>> = {
  refuse: ['status', 'code', 'message'],
  fail: ['status', 'code', 'message'],
  throttle: ['code', 'message'],
};

const faultSchema = z
  .strictObject({
    /** As in the API's documentation, without `/api/v1`: `POST /tasks/:id/run`; `*` = every route. */
    route: z.string().refine((route) => KNOWN_ROUTES.has(route), {
      error: (issue) => `"${String(issue.input)}" is no route here; write it like "${ROUTES[6]}", or "*" for all`,
    }),
    /**
     * refuse: answer `status` instead, before any effect. After the effect: drop breaks the connection without an
     * answer, fail answers `status`, throttle answers 429 that carries the id of what was started, hang never answers.
     * delay: everything as usual, but later. truncate: a file ends in the middle, as if it had been sent whole.
     */
    kind: z.enum(['refuse', 'drop', 'fail', 'throttle', 'hang', 'delay', 'truncate']).default('refuse'),
    /** Of `refuse`, default 503, and of `fail`, default 500. */
    status: httpStatus.optional(),
    code: z.string().min(1).optional(),
    message: z.string().optional(),
    /** Of `delay`. */
    delaySeconds: seconds.default(1),
    /** A matching request is hit this often, 0 to 1; the emulator's seed decides which. Default 1. */
    probability: z.number().min(0).max(1).default(1),
    /** So many requests are hit; default: all. */
    count: z.int().positive().optional(),
    /** For so long from when the scenario is set; default: for ever. */
    seconds: seconds.optional(),
    /** The first so many matching requests get through. */
    skip: z.int().nonnegative().default(0),
  })
  .superRefine((fault, context) => {
    const used = USED_BY[fault.kind] ?? [];
    const unused = (['status', 'code', 'message'] as const).find(
      (key) => fault[key] !== undefined && !used.includes(key),
    );
    if (unused) {
      context.addIssue({ code: 'custom', path: [unused], message: `has no meaning for kind ${fault.kind}` });
    }
    if (fault.kind === 'truncate' && fault.route !== '*' && !FILE_ROUTES.has(fault.route)) {
      const message = `only files can be cut: ${[...FILE_ROUTES].join(', ')}`;
      context.addIssue({ code: 'custom', path: ['route'], message });
    }
  });

const scenarioSchema = z.strictObject({
  /** Life of an execution, from its creation to its end. */
  seconds: seconds.default(5),
  /** Rows of an execution; default 20, or 0 for a failed one. */
  rows: rows.optional(),
  /** How executions end: completed, completed_with_errors, failed, cancelled, or any word to try an unknown status. */
  status: outcome.default('completed'),
  /** Error text of executions that fail. */
  error: z.string().optional(),
  /** Lists show everything as it was so long ago. */
  listLagSeconds: seconds.default(0),
  /** False: tasks and executions are shown without any time. */
  timestamps: z.boolean().default(true),
  /** False: executions are shown without the id of their task. */
  taskIds: z.boolean().default(true),
  /** The first whose name matches says how a task's executions go. */
  tasks: z.array(taskScriptSchema).default([]),
  /** The first that matches a request and is not used up is applied to it. */
  faults: z.array(faultSchema).default([]),
});

/** How the emulator behaves. A scenario of nothing is the default one. */
export type Scenario = z.input<typeof scenarioSchema>;
/** A scenario with its defaults filled in. */
export type ResolvedScenario = z.output<typeof scenarioSchema>;
export type Fault = ResolvedScenario['faults'][number];

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
  const parsed = scenarioSchema.safeParse(scenario);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${source}: ${problem(issue)}`).join('\n'));
}

function problem(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
