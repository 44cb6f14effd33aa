import { z } from 'zod';
import { FILE_ROUTES, ROUTES } from './route.js';

/** An HTTP status that refuses. */
export const errorStatus = z.int().min(400).max(599);

const KNOWN_ROUTES: ReadonlySet<string> = new Set<string>([...ROUTES, '*']);

/** What a kind of fault takes of a refusal. */
const USED_BY: Readonly<Record<string, readonly string[]>> = {
  refuse: ['status', 'code', 'message'],
  fail: ['status', 'code', 'message'],
  throttle: ['code', 'message'],
};

export const faultSchema = z
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
    status: errorStatus.optional(),
    code: z.string().min(1).optional(),
    message: z.string().optional(),
    /** Of `delay`. */
    delaySeconds: z.number().nonnegative().default(1),
    /** A matching request is hit this often, 0 to 1; the emulator's seed decides which. Default 1. */
    probability: z.number().min(0).max(1).default(1),
    /** So many requests are hit; default: all. */
    count: z.int().positive().optional(),
    /** For so long from when the scenario is set; default: for ever. */
    seconds: z.number().nonnegative().optional(),
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

/** A scripted fault with its defaults filled in. */
export type Fault = z.output<typeof faultSchema>;
