import { z } from 'zod';
import { FILE_ROUTES, ROUTES } from './route.js';

/** An HTTP status that refuses. */
export const refusingStatus = z.int().min(400).max(599);

const KNOWN_ROUTES: ReadonlySet<string> = new Set<string>([...ROUTES, '*']);

const ANSWER_KEYS = ['status', 'code', 'message', 'messageBytes', 'echo', 'body', 'location'] as const;
const OWN_KEYS = [...ANSWER_KEYS, 'bytesPerSecond', 'megabytes'] as const;

/** Keys that have a meaning for one kind and not for others. */
const USED_BY: Readonly<Record<string, readonly string[]>> = {
  refuse: ANSWER_KEYS,
  fail: ANSWER_KEYS,
  throttle: ['code', 'message'],
  trickle: ['bytesPerSecond'],
  bomb: ['megabytes'],
};

export const faultSchema = z
  .strictObject({
    /** The ledger counts it under this name; default: its kind. */
    name: z.string().min(1).optional(),
    /** As in the API's documentation, without `/api/v1`: `POST /tasks/:id/run`; `*` = every route. */
    route: z.string().refine((route) => KNOWN_ROUTES.has(route), {
      error: (issue) => `"${String(issue.input)}" is no route here; write it like "${ROUTES[6]}", or "*" for all`,
    }),
    /**
     * refuse: answer `status` instead, before any effect. After the effect: drop breaks the connection without an
     * answer, fail answers `status`, throttle answers 429 that carries the id of what was started, hang never answers.
     * delay: everything as usual, but later. truncate: a file ends in the middle, as if it had been sent whole. trickle:
     * the body comes slowly. bomb: a JSON answer comes packed, and is huge when it is unpacked.
     */
    kind: z
      .enum(['refuse', 'drop', 'fail', 'throttle', 'hang', 'delay', 'truncate', 'trickle', 'bomb'])
      .default('refuse'),
    /** Status for `refuse` (default 503) and `fail` (default 500). A success with an envelope says `success: false`. */
    status: z.int().min(200).max(599).optional(),
    code: z.string().min(1).optional(),
    message: z.string().optional(),
    /** The message is cut or filled up to so many bytes. */
    messageBytes: z.int().positive().optional(),
    /** The message repeats the request's credential and body. */
    echo: z.boolean().optional(),
    /** Form of the answer: `envelope` is the API's own, the others come from something in front of it. */
    body: z.enum(['envelope', 'html', 'text', 'empty']).optional(),
    /** Header of a redirect. */
    location: z.string().min(1).optional(),
    /** Speed for `trickle`; default 1024. */
    bytesPerSecond: z.number().positive().optional(),
    /** Size for `bomb`; default 300. */
    megabytes: z.int().positive().max(100_000).optional(),
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
    const unused = OWN_KEYS.find((key) => fault[key] !== undefined && !used.includes(key));
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
