import { parentPort, workerData } from 'node:worker_threads';
import { DocumentError } from './document-error.js';
import type { ExaminerOptions } from './examiner.js';
import { createRecordJudge, type Judged, type RejectedRecord } from './record-judge.js';
import { parsedRecord } from './record-sink.js';

/** What the thread is told: the texts of the next records, or that there are no more. */
export type ToJudge = readonly string[] | undefined;

/** What it answers, once to each. */
export type FromJudge =
  | { readonly rejects: readonly RejectedRecord[] }
  | { readonly judged: Judged }
  | { readonly failed: Pick<DocumentError, 'reason' | 'message'> };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever starts the thread gives it these
const judge = createRecordJudge(workerData as ExaminerOptions);

parentPort?.on('message', (texts: ToJudge) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(answerTo(texts));
});

function answerTo(texts: ToJudge): FromJudge {
  try {
    if (texts === undefined) return { judged: judge.finish() };
    const first = judge.count;
    return { rejects: judge.judge(texts.map((text, index) => parsedRecord(text, first + index))) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { failed: { reason: error.reason, message: error.message } };
  }
}
