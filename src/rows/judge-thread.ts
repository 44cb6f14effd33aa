import { parentPort, workerData } from 'node:worker_threads';
import { DocumentError } from './document-error.js';
import type { ExaminerOptions, Profile } from './examiner.js';
import { createRecordJudge, type RejectedRecord } from './record-judge.js';
import type { CutRecord } from './record-splitter.js';

/** What the thread is told: the next records, or that there are no more. */
export type ToJudge = readonly CutRecord[] | undefined;

/** What it answers, once to each. */
export type FromJudge =
  | { readonly rejects: readonly RejectedRecord[] }
  | { readonly profile: Profile }
  | { readonly failed: Pick<DocumentError, 'reason' | 'message'> };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever starts the thread gives it these
const judge = createRecordJudge(workerData as ExaminerOptions);

parentPort?.on('message', (records: ToJudge) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(answerTo(records));
});

function answerTo(records: ToJudge): FromJudge {
  try {
    return records === undefined ? { profile: judge.finish() } : { rejects: judge.judge(records) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { failed: { reason: error.reason, message: error.message } };
  }
}
