import type { Json } from '../../domain/json.js';
import type { Column, Row } from '../../domain/rows.js';
import { DocumentError } from '../../rows/document-error.js';
import { createExaminer, type Profile, type RawRecord } from '../../rows/examiner.js';
import { createRowReader, type RowReader } from '../../rows/row-reader.js';
import type { KeptReject } from '../../stores/store.js';
import { UserError } from '../../user-error.js';
import { createReasons, type Reasons } from './reasons.js';
import type { RowRules } from './row-rules.js';

/** Rejects that were judged anew: those that are valid now, as rows. */
export interface Mended {
  readonly columns: readonly Column[];
  readonly valid: number;
  readonly invalid: number;
  /** Of the invalid ones. */
  readonly reasons: Reasons;
  /** Reads and judges the rejects a second time: however many there are, none waits in memory. */
  rows(): AsyncGenerator<readonly Row[]>;
}

/**
 * Judges rejects by other rules, as a load judges the records of an export.
 *
 * @param read gives the same rejects whenever it is called
 * @throws UserError where the rules cannot be used
 */
export async function mendRejects(read: () => AsyncIterable<readonly KeptReject[]>, rules: RowRules): Promise<Mended> {
  const { examine, finish } = createJudge(rules);
  const reasons = createReasons();
  let valid = 0;
  let invalid = 0;
  for await (const batch of read()) {
    for (const { raw } of batch) {
      const judged = examine(raw);
      if (typeof judged !== 'string') valid += 1;
      else {
        invalid += 1;
        reasons.add(judged);
      }
    }
  }
  const profile = finish();
  return {
    columns: profile.columns,
    valid,
    invalid,
    reasons,
    async *rows() {
      const { examine } = createJudge(rules);
      const rowOf = createReaders(profile);
      for await (const batch of read()) {
        yield batch.flatMap((reject) => {
          const judged = examine(reject.raw);
          return typeof judged === 'string' ? [] : [rowOf(reject, judged)];
        });
      }
    },
  };
}

interface Judge {
  /** @returns the record, or why it stays a reject */
  examine(raw: string): RawRecord | string;
  finish(): Profile;
}

function createJudge({ outputSchema, format = 'json', ...reading }: RowRules): Judge {
  const examiner = usable(() => createExaminer({ outputSchema, format, ...reading }));
  return {
    examine(raw) {
      const record = recordOf(raw);
      if (record === undefined) return 'is no JSON';
      return usable(() => examiner.examine(record)) ?? record;
    },
    finish: () => examiner.finish(),
  };
}

function recordOf(text: string): RawRecord | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return { text, value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

/** Rows keep the provenance of their rejects; those of one execution come together. */
function createReaders(profile: Profile): (reject: KeptReject, record: RawRecord) => Row {
  let source = { execution: '', at: '' };
  let rowOf: RowReader = createRowReader(profile, source);
  return ({ execution, at, row }, { text }) => {
    if (source.execution !== execution || source.at !== at) {
      source = { execution, at };
      rowOf = createRowReader(profile, source);
    }
    return rowOf({ text, row });
  };
}

function usable<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof DocumentError ? new UserError(2, error.message, { cause: error }) : error;
  }
}
