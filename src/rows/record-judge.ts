import { cutForeign } from '../domain/foreign-text.js';
import type { Json } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { createExaminer, type Examiner, type ExaminerOptions, type Profile } from './examiner.js';
import type { CutRecord } from './record-splitter.js';
import { jsonProblem } from './json-problem.js';
import { createTimeLimit, type TimeLimit } from './time-limit.js';

/**
 * A record that cannot be published: its position in the export, why, and its text as it stands there. That is JSON, unless
 * the reason says that it cannot be read.
 */
export interface RejectedRecord {
  readonly row: number;
  readonly reason: string;
  readonly raw: string;
}

/** The records of an export that are broken, whatever the schema says. */
export interface Unread {
  readonly count: number;
  /** The first of them, e.g. `record 0: is not valid JSON`. */
  readonly first?: string;
}

/** Judges the records of one export, in their order. */
export interface RecordJudge {
  /** @returns the rejected ones @throws DocumentError where too many take too long */
  judge(records: readonly CutRecord[]): readonly RejectedRecord[];
  /** What those records told that were judged here. */
  finish(): Profile;
  readonly unread: Unread;
}

/** How long judging may take, in milliseconds. */
export interface JudgeLimits {
  /** Time to make a schema ready. */
  readonly schema: number;
  /** Time for each megabyte of a record, or part of one. */
  readonly record: number;
  /** Time for all records of a document together that took longer than they may. */
  readonly slowRecords: number;
}

export const JUDGE_LIMITS: JudgeLimits = { schema: 10_000, record: 1_000, slowRecords: 60_000 };

/** A process that stood still for a while has taken no time to check: whatever took too long is tried once more. */
const TRIES = 2;
const MEGABYTE = 1024 * 1024;

/**
 * A record that takes too long to check is a reject.
 *
 * @throws DocumentError `unusable` where the `output_schema` itself is wrong, or takes too long to be made ready
 */
export function createRecordJudge(options: ExaminerOptions, limits: JudgeLimits = JUDGE_LIMITS): RecordJudge {
  const limit = createTimeLimit();
  const examiner = timedExaminer(options, limit, limits.schema);
  let records = 0;
  let rejected = 0;
  let unread: Unread = { count: 0 };
  /** Rows of this batch: one whose examination was broken off is examined again. */
  const broken = new Map<number, string>();
  let slow = 0;
  let slowTime = 0;

  function cannotRead(row: number, problem: string): string {
    broken.set(row, `record ${row}: ${problem}`);
    return problem;
  }

  function examine({ row, text, problem }: CutRecord): string | undefined {
    if (problem !== undefined) return cannotRead(row, problem);
    const value = parse(text);
    return value === undefined
      ? cannotRead(row, `is not valid JSON${jsonProblem(text)}`)
      : examiner.examine({ text, value });
  }

  function judgeAlone(record: CutRecord): string | undefined {
    const { row, text } = record;
    const milliseconds = limits.record * Math.max(1, Math.ceil(text.length / MEGABYTE));
    const { result, isDone } = tried(limit, milliseconds, () => examine(record));
    if (isDone) return result;
    slow += 1;
    slowTime += TRIES * milliseconds;
    const { pattern } = examiner;
    const cause = pattern === undefined ? '' : ` (pattern ${pattern})`;
    if (slowTime > limits.slowRecords) throw tooManySlow(slow, row, milliseconds, cause);
    return `took longer than ${milliseconds / 1_000} s to check${cause}`;
  }

  return {
    judge(all) {
      const reasons: (string | undefined)[] = [];
      const judgeNext = (): void => {
        for (let next = all[reasons.length]; next; next = all[reasons.length]) {
          reasons.push(examine(next));
        }
      };
      while (reasons.length < all.length) {
        const isDone = limit.within(limits.record, judgeNext);
        const next = all[reasons.length];
        // The record need not have been slow: time may have run out with those before it.
        if (!isDone && next) reasons.push(judgeAlone(next));
      }
      const rejects = all.flatMap(({ row, text }, index) => {
        const reason = reasons[index];
        return reason === undefined ? [] : [{ row, reason: cutForeign(reason), raw: text }];
      });
      const [first = ''] = broken.values();
      if (broken.size > 0) unread = { first, ...unread, count: unread.count + broken.size };
      broken.clear();
      records += all.length;
      rejected += rejects.length;
      return rejects;
    },
    finish: () => examiner.finish({ records, rejected }),
    get unread() {
      return unread;
    },
  };
}

function timedExaminer(options: ExaminerOptions, limit: TimeLimit, milliseconds: number): Examiner {
  const { result } = tried(limit, milliseconds, () => createExaminer(options));
  if (result) return result;
  const message = `the output_schema cannot be used: it takes longer than ${milliseconds / 1_000} s to be made ready`;
  throw new DocumentError('unusable', message);
}

interface Tried<Result> {
  readonly isDone: boolean;
  readonly result?: Result;
}

function tried<Result>(limit: TimeLimit, milliseconds: number, work: () => Result): Tried<Result> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    let tried: Tried<Result> = { isDone: false };
    const isDone = limit.within(milliseconds, () => {
      tried = { isDone: true, result: work() };
    });
    if (isDone) return tried;
  }
  return { isDone: false };
}

function tooManySlow(count: number, row: number, milliseconds: number, cause: string): DocumentError {
  const message = `${count} records took longer than ${milliseconds / 1_000} s each to check, the last of them record ${row}${cause}; simplify the output_schema`;
  return new DocumentError('unusable', cutForeign(message));
}

function parse(text: string): Json | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
