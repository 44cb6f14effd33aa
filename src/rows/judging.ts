import type { ExaminerOptions, Profile } from './examiner.js';
import { openJudgeThread, type JudgeThread } from './judge-thread-client.js';
import { plainBySchema } from './plain-rows.js';
import { DocumentError } from './document-error.js';
import type { JudgeLimits, RejectedRecord, Unread } from './record-judge.js';
import { createRecordSplitter, type CutRecord } from './record-splitter.js';
import { rowNames } from './row-names.js';
import { rowSchema } from './row-schema.js';

/** Cuts an export into its records as it arrives, proves it whole, and judges each record. */
export interface Judging {
  /**
   * Resolves when more can be taken.
   *
   * @returns the rejected records that are known by now and were not told yet
   * @throws DocumentError, perhaps of what came before
   */
  push(chunk: Buffer): Promise<readonly RejectedRecord[]>;
  /** @throws DocumentError where the document is not whole, is something else than rows, or has no record that can be read */
  end(): Promise<Verdict>;
  /** Gives up what is under way; harmless after `end`. */
  close(): Promise<void>;
}

export interface Verdict {
  /** What all records together told. */
  readonly profile: Profile;
  /** Bytes of the longest record, or a little more. */
  readonly longest: number;
  /** Those that were not told yet. */
  readonly rejects: readonly RejectedRecord[];
  /** The document is an array of plain records, which any reader of JSON reads alike. */
  readonly isPlainArray: boolean;
}

/**
 * Judges the records of an export. Most are seen to be good at one look. A schema may take for ever over the others, so
 * they are judged in a thread, which can be stopped. Meanwhile the process receives, hashes and writes what comes next,
 * and answers others.
 *
 * @param limits default: those of a worker
 */
export function openJudging(options: ExaminerOptions, limits?: JudgeLimits): Judging {
  const { outputSchema, format, records } = options;
  const splitter = createRecordSplitter({
    format,
    rowSchemaKeys: rowSchema(outputSchema, records).rowKeys,
    plain: plainBySchema(options),
    names: rowNames(outputSchema, records, format === 'csv' || options.coerce === true) ?? 'unknown',
    ...(records === undefined ? {} : { records }),
  });
  let opened: JudgeThread | undefined;

  /** Opens the thread only when there is something to judge: a download may be slow, and its records plain. */
  function thread(): JudgeThread {
    opened ??= openJudgeThread(options, limits);
    return opened;
  }

  async function judge(cut: readonly CutRecord[]): Promise<readonly RejectedRecord[]> {
    return cut.length === 0 ? [] : thread().judge(cut);
  }

  /** What is wrong with a record before is what was wrong first. */
  async function cutOff(cut: () => readonly CutRecord[]): Promise<readonly CutRecord[]> {
    try {
      return cut();
    } catch (error) {
      await opened?.settled();
      throw error;
    }
  }

  return {
    push: async (chunk) => judge(await cutOff(() => splitter.push(chunk))),
    async end() {
      const known = await judge(await cutOff(() => splitter.end()));
      const { profile, rejects, unread } = await thread().finish();
      if (unread.first !== undefined && unread.count === splitter.count) throw allBroken(unread);
      return {
        // Those that are plain were not judged.
        profile: { ...profile, records: splitter.count },
        longest: splitter.longest,
        rejects: [...known, ...rejects],
        isPlainArray: splitter.isArray && profile.isPlain,
      };
    },
    async close() {
      await opened?.close();
    },
  };
}

/** Rows of which none can be read are no rows: each by itself would be a reject. */
function allBroken({ count, first }: Unread): DocumentError {
  return new DocumentError('incomplete', `none of the ${count} records can be read; ${first}`);
}
