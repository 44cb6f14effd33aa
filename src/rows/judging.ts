import type { ExaminerOptions, Profile } from './examiner.js';
import { startJudgeThread, type JudgeThread } from './judge-thread-client.js';
import { plainBySchema } from './plain-rows.js';
import { createRecordJudge, type RejectedRecord } from './record-judge.js';
import { createRecordSplitter, type CutRecord } from './record-splitter.js';
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
  /** @throws DocumentError where the document is not whole */
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

/** Of records that are not plain. A thread takes about as long to start as so many take to be judged. */
const JUDGED_HERE_LENGTH = 4 * 1024 * 1024;

/**
 * Most records are told to be good at one look. The others are judged here as long as they are few, else in a thread of its
 * own: while that parses and checks, the process receives, hashes and writes what comes next, and answers others.
 *
 * @throws DocumentError `unusable` where the `output_schema` itself is wrong
 */
export function openJudging(options: ExaminerOptions, judgedHereLength = JUDGED_HERE_LENGTH): Judging {
  const { outputSchema, format, records } = options;
  const splitter = createRecordSplitter({
    format,
    rowSchemaKeys: rowSchema(outputSchema, records).rowKeys,
    plain: plainBySchema(options),
    ...(records === undefined ? {} : { records }),
  });
  const here = createRecordJudge(options);
  const judgedHere: CutRecord[] = [];
  let nextThere = 0;
  let length = 0;
  let there: JudgeThread | undefined;

  /** It judges anew what was judged here, because what a record tells depends on those before. */
  async function moveThere(): Promise<JudgeThread> {
    there = startJudgeThread(options);
    nextThere = (judgedHere.at(-1)?.row ?? -1) + 1;
    await there.judge(judgedHere.splice(0));
    return there;
  }

  async function judge(cut: readonly CutRecord[]): Promise<readonly RejectedRecord[]> {
    for (const { text } of cut) length += text.length;
    if (length > judgedHereLength) return news(await (there ?? (await moveThere())).judge(cut));
    judgedHere.push(...cut);
    return here.judge(cut);
  }

  function news(rejects: readonly RejectedRecord[]): readonly RejectedRecord[] {
    return rejects.filter(({ row }) => row >= nextThere);
  }

  /** What is wrong with a record before is what was wrong first. */
  async function cutOff(cut: () => readonly CutRecord[]): Promise<readonly CutRecord[]> {
    try {
      return cut();
    } catch (error) {
      await there?.settled();
      throw error;
    }
  }

  return {
    push: async (chunk) => judge(await cutOff(() => splitter.push(chunk))),
    async end() {
      const known = await judge(await cutOff(() => splitter.end()));
      const { profile, rejects } = there ? await there.finish() : { profile: here.finish(), rejects: [] };
      return {
        // Those that are plain were not judged.
        profile: { ...profile, records: splitter.count },
        longest: splitter.longest,
        rejects: [...known, ...news(rejects)],
        isPlainArray: splitter.isArray && profile.isPlain,
      };
    },
    async close() {
      await there?.close();
    },
  };
}
