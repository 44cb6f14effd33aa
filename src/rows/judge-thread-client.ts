import { DocumentError } from './document-error.js';
import type { ExaminerOptions, Profile } from './examiner.js';
import { giveBack, JUDGE_MEGABYTES, takeThread } from './judge-pool.js';
import type { FromJudge, ToJudge } from './judge-thread.js';
import type { JudgeLimits, RejectedRecord, Unread } from './record-judge.js';
import type { CutRecord } from './record-splitter.js';
import { SchemaError } from './schema-error.js';

/** A thread that judges the records of one export, in their order. */
export interface JudgeThread {
  /** Resolves when more can be taken; gives the rejects that are known by now. @throws DocumentError */
  judge(records: readonly CutRecord[]): Promise<readonly RejectedRecord[]>;
  /** Resolves when all records are judged; gives the rejects not given yet. @throws DocumentError */
  settled(): Promise<readonly RejectedRecord[]>;
  /** Closes the thread when all is judged; gives the profile, and the rejects not given yet. @throws DocumentError */
  finish(): Promise<Judged>;
  /** Ends the thread where it has not come to its end; else others can have it. */
  close(): Promise<void>;
}

interface Judged {
  readonly profile: Profile;
  readonly unread: Unread;
  readonly rejects: readonly RejectedRecord[];
}

/** So many batches may wait for the thread: enough that neither side waits for the other. */
const MOST_WAITING = 8;
/** The thread breaks off what takes too long. Only what V8 cannot break off takes longer than all its limits together. */
const MOST_SILENT_SECONDS = 180;

/** @param limits default: those of a worker */
export function openJudgeThread(options: ExaminerOptions, limits?: JudgeLimits): JudgeThread {
  const open = textOf(options);
  const worker = takeThread(limits);
  let rejects: RejectedRecord[] = [];
  let waiting = 0;
  let silent = 0;
  let judged: Omit<Judged, 'rejects'> | undefined;
  let failure: Error | undefined;
  let isClosed = false;
  const waiters = new Set<() => void>();

  const wake = (): void => {
    for (const waiter of waiters) waiter();
    waiters.clear();
  };
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };

  const onMessage = (message: FromJudge): void => {
    waiting -= 1;
    silent = 0;
    if ('failed' in message) failure ??= new DocumentError(message.failed.reason, message.failed.message);
    else if ('unusable' in message) failure ??= new SchemaError(message.unusable);
    else if ('profile' in message) judged = message;
    else rejects.push(...message.rejects);
    wake();
  };
  const onError = (error: Error): void => fail(isOutOfMemory(error) ? tooLarge() : error);
  const onExit = (): void => fail(new Error('the thread that judges records has ended'));
  worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  // A clock would also tell of the time in which the process stood still.
  const clock = setInterval(() => {
    silent = waiting === 0 ? 0 : silent + 1;
    if (silent > MOST_SILENT_SECONDS) fail(noAnswer());
  }, 1_000);
  clock.unref();
  tell({ open });

  async function until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (failure !== undefined) throw failure;
      if (isSo()) return;
      await new Promise<void>((resolve) => {
        waiters.add(resolve);
      });
    }
  }

  function tell(message: ToJudge): void {
    waiting += 1;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    worker.postMessage(message);
  }

  function known(): readonly RejectedRecord[] {
    const all = rejects;
    rejects = [];
    return all;
  }

  return {
    async judge(records) {
      if (records.length > 0) tell({ records });
      await until(() => waiting < MOST_WAITING);
      return known();
    },
    async settled() {
      await until(() => waiting === 0);
      return known();
    },
    async finish() {
      tell({ finish: true });
      await until(() => judged !== undefined);
      if (judged === undefined) throw new Error('the thread has judged nothing');
      await close();
      return { ...judged, rejects: known() };
    },
    close,
  };

  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    clearInterval(clock);
    worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    const isFree = waiting === 0 && limits === undefined && (failure === undefined || failure instanceof DocumentError);
    await (isFree ? giveBack(worker) : worker.terminate());
  }
}

/** @throws DocumentError for a schema that is nested more deeply than the stack */
export function textOf(options: ExaminerOptions): string {
  try {
    return JSON.stringify(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DocumentError('unusable', 'the output_schema cannot be used: it is nested too deeply');
  }
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLarge(): DocumentError {
  const message = `checking against the output_schema takes more than ${JUDGE_MEGABYTES} MB of memory; simplify the output_schema`;
  return new DocumentError('unusable', message);
}

function noAnswer(): DocumentError {
  const message = `checking against the output_schema has not ended within ${MOST_SILENT_SECONDS} s; simplify the output_schema`;
  return new DocumentError('unusable', message);
}
