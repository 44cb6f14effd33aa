import { createExaminer, type ExaminerOptions, type Profile } from './examiner.js';
import type { RawRecord } from './record-splitter.js';

/** A record that cannot be published: its position in the export, why, and its JSON text. */
export interface RejectedRecord {
  readonly row: number;
  readonly reason: string;
  readonly raw: string;
}

/** What all records together told. */
export interface Judged {
  readonly profile: Profile;
  /** Bytes of the longest record, or a little more. */
  readonly longest: number;
}

/** Judges the records of one export, in their order. */
export interface RecordJudge {
  /** @returns the rejected ones */
  judge(records: readonly RawRecord[]): readonly RejectedRecord[];
  finish(): Judged;
  /** Records so far. */
  readonly count: number;
}

/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/** @throws DocumentError `unusable` where the `output_schema` itself is wrong */
export function createRecordJudge(options: ExaminerOptions): RecordJudge {
  const examiner = createExaminer(options);
  let count = 0;
  let longest = 0;
  return {
    judge(records) {
      const rejects: RejectedRecord[] = [];
      for (const record of records) {
        const row = count++;
        if (record.text.length > longest) longest = record.text.length;
        const reason = examiner.examine(record);
        if (reason !== undefined) rejects.push({ row, reason, raw: record.text });
      }
      return rejects;
    },
    finish: () => ({ profile: examiner.finish(), longest: longest * MOST_BYTES }),
    get count() {
      return count;
    },
  };
}
