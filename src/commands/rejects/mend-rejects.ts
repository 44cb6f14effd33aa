import { orAborted } from '../../domain/or-aborted.js';
import type { Column, Row } from '../../domain/rows.js';
import { DocumentError } from '../../rows/document-error.js';
import { profileColumns, type Profile } from '../../rows/examiner.js';
import { openJudgeThread } from '../../rows/judge-thread-client.js';
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
export async function mendRejects(
  read: () => AsyncIterable<readonly KeptReject[]>,
  rules: RowRules,
  signal: AbortSignal,
): Promise<Mended> {
  const reasons = createReasons();
  let valid = 0;
  let invalid = 0;
  const judging = openJudge(rules, signal);
  try {
    for await (const batch of read()) {
      for (const reason of await judging.reasonsOf(batch)) {
        if (reason === undefined) valid += 1;
        else {
          invalid += 1;
          reasons.add(reason);
        }
      }
    }
    const profile = await judging.finish();
    return {
      columns: profileColumns(profile),
      valid,
      invalid,
      reasons,
      rows: () => mendedRows(read, rules, profile, signal),
    };
  } finally {
    await judging.close();
  }
}

async function* mendedRows(
  read: () => AsyncIterable<readonly KeptReject[]>,
  rules: RowRules,
  profile: Profile,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const judging = openJudge(rules, signal);
  const rowOf = createReaders(profile);
  try {
    for await (const batch of read()) {
      const reasons = await judging.reasonsOf(batch);
      yield batch.filter((_, index) => reasons[index] === undefined).map(rowOf);
    }
  } finally {
    await judging.close();
  }
}

interface Judge {
  /** Why each of them stays a reject; undefined = it is valid now. */
  reasonsOf(batch: readonly KeptReject[]): Promise<readonly (string | undefined)[]>;
  finish(): Promise<Profile>;
  close(): Promise<void>;
}

function openJudge({ outputSchema, format = 'json', ...reading }: RowRules, signal: AbortSignal): Judge {
  const thread = openJudgeThread({ outputSchema, format, ...reading });
  return {
    async reasonsOf(batch) {
      const reasons: (string | undefined)[] = batch.map(({ raw }) => (isJson(raw) ? undefined : 'is no JSON'));
      const records = batch.flatMap(({ raw }, row) => (reasons[row] === undefined ? [{ row, text: raw }] : []));
      const known = await usable(thread.judge(records), signal);
      const judged = [...known, ...(await usable(thread.settled(), signal))];
      for (const { row, reason } of judged) reasons[row] = reason;
      return reasons;
    },
    finish: async () => (await usable(thread.finish(), signal)).profile,
    close: () => thread.close(),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Rows keep the provenance of their rejects; those of one execution come together. */
function createReaders(profile: Profile): (reject: KeptReject) => Row {
  let source = { execution: '', at: '' };
  let rowOf: RowReader = createRowReader(profile, source);
  return ({ execution, at, row, raw }) => {
    if (source.execution !== execution || source.at !== at) {
      source = { execution, at };
      rowOf = createRowReader(profile, source);
    }
    return rowOf({ text: raw, row });
  };
}

async function usable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await orAborted(work, signal);
  } catch (error) {
    throw error instanceof DocumentError ? new UserError(2, error.message, { cause: error }) : error;
  }
}
