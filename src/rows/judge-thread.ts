import { parentPort, workerData } from 'node:worker_threads';
import { DocumentError } from './document-error.js';
import type { ExaminerOptions, Profile } from './examiner.js';
import {
  createRecordJudge,
  type JudgeLimits,
  type RecordJudge,
  type RejectedRecord,
  type Unread,
} from './record-judge.js';
import type { CutRecord } from './record-splitter.js';
import { SchemaError, type SchemaFault } from './schema-error.js';

/** Message to the thread: an export's {@link ExaminerOptions} as JSON, its next records, or that all have come. */
export type ToJudge =
  | { readonly open: string }
  | { readonly records: readonly CutRecord[] }
  | { readonly finish: true };

/** What it answers, once to each. */
export type FromJudge =
  | { readonly rejects: readonly RejectedRecord[] }
  | { readonly profile: Profile; readonly unread: Unread }
  | { readonly failed: Pick<DocumentError, 'reason' | 'message'> }
  | { readonly unusable: SchemaFault };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever starts the thread gives it these
const limits = workerData as JudgeLimits | undefined;
let judge: RecordJudge | undefined;

parentPort?.on('message', (message: ToJudge) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(answerTo(message));
});

function answerTo(message: ToJudge): FromJudge {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    if ('open' in message) judge = createRecordJudge(JSON.parse(message.open) as ExaminerOptions, limits);
    if (!judge) throw new Error('the thread was not told whose records it judges');
    if ('finish' in message) return { profile: judge.finish(), unread: judge.unread };
    return { rejects: 'records' in message ? judge.judge(message.records) : [] };
  } catch (error) {
    if (error instanceof SchemaError) return { unusable: error.fault };
    if (!(error instanceof DocumentError)) throw error;
    return { failed: { reason: error.reason, message: error.message } };
  }
}
