import type { Json } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { createExaminer, type ExaminerOptions, type Profile } from './examiner.js';
import type { CutRecord } from './record-splitter.js';

/** A record that cannot be published: its position in the export, why, and its JSON text. */
export interface RejectedRecord {
  readonly row: number;
  readonly reason: string;
  readonly raw: string;
}

/** Judges the records of one export, in their order. */
export interface RecordJudge {
  /** @returns the rejected ones @throws DocumentError where one is no JSON */
  judge(records: readonly CutRecord[]): readonly RejectedRecord[];
  /** What those records told that were judged here. */
  finish(): Profile;
}

/** @throws DocumentError `unusable` where the `output_schema` itself is wrong */
export function createRecordJudge(options: ExaminerOptions): RecordJudge {
  const examiner = createExaminer(options);
  return {
    judge(records) {
      const rejects: RejectedRecord[] = [];
      for (const { row, text } of records) {
        const reason = examiner.examine({ text, value: parse(text, row) });
        if (reason !== undefined) rejects.push({ row, reason, raw: text });
      }
      return rejects;
    },
    finish: () => examiner.finish(),
  };
}

function parse(text: string, row: number): Json {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the text.
    throw new DocumentError('incomplete', `record ${row} is not valid JSON`);
  }
}
