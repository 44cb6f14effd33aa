import { z } from 'zod';
import { durationSchema } from './duration.js';
import { refusingStatus } from './fault-schema.js';
import { isFile } from './given-file.js';
import { isReadablePattern } from './script.js';

export const rowCount = z.int().nonnegative();
export const share = z.number().min(0, 'must be a share from 0 to 1').max(1, 'must be a share from 0 to 1');
export const filePath = z.string().refine(isFile, 'is no file that can be read');
export const outcome = z
  .string()
  .min(1)
  .refine((status) => status !== 'paused', 'an execution is paused by a call, not by itself');

/** Refusals of an export that comes too early. */
export const tooEarlyStatus = z.literal([400, 409, 410, 422, 425], 'must be 400, 409, 410, 422 or 425');
export const lagSeconds = z.number().nonnegative();

const refusalSchema = z.strictObject({
  status: refusingStatus.default(400),
  /** Default: the API's code for that status. */
  code: z.string().min(1).optional(),
  message: z.string().optional(),
});

/** How executions of some tasks go; what it leaves out is as for all tasks. */
export const taskScriptSchema = z.strictObject({
  /** The task's name, with or without a ` [tf …]` that titanflow has added, or `/a regular expression/`. */
  name: z.string().min(1).refine(isReadablePattern, 'is not a valid regular expression'),
  seconds: durationSchema.optional(),
  rows: rowCount.optional(),
  badRows: share.optional(),
  file: filePath.optional(),
  status: outcome.optional(),
  error: z.string().optional(),
  resultsLagSeconds: lagSeconds.optional(),
  resultsLagStatus: tooEarlyStatus.optional(),
  /** Creating such a task is refused. */
  refuse: refusalSchema.optional(),
  /** Its executions are shown with this status, whatever becomes of them. */
  statusShown: z.string().nullable().optional(),
  /** Text shown as `created_at` of its executions, which may be no time. */
  createdShown: z.string().optional(),
  /** Every request by the id of one of its executions is answered so; lists still show them. */
  alwaysFails: refusingStatus.optional(),
  /** Lists do not show its executions. */
  unlisted: z.boolean().optional(),
});
