import type { ExaminerOptions } from './examiner.js';
import { startJudgeThread, type JudgeThread } from './judge-thread-client.js';
import { createRecordJudge, type Judged, type RejectedRecord } from './record-judge.js';
import { createRecordSplitter, createTextSplitter, type SplitOptions } from './record-splitter.js';
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

export interface Verdict extends Judged {
  /** Those that were not told yet. */
  readonly rejects: readonly RejectedRecord[];
  /** The document is an array of plain records, which any reader of JSON reads alike. */
  readonly isPlainArray: boolean;
}

/** Most exports are smaller. A thread takes about as long to start as this takes to be judged. */
const JUDGED_HERE_BYTES = 4 * 1024 * 1024;

/**
 * Judges a small export here. What is larger is cut here and judged in a thread of its own: while that parses and checks,
 * the process receives, hashes and writes what comes next, and answers others.
 *
 * @throws DocumentError `unusable` where the `output_schema` itself is wrong
 */
export function openJudging(options: ExaminerOptions, judgedHereBytes = JUDGED_HERE_BYTES): Judging {
  const { outputSchema, format, records } = options;
  const cutting: SplitOptions = {
    format,
    rowSchemaKeys: rowSchema(outputSchema, records).rowKeys,
    ...(records === undefined ? {} : { records }),
  };
  const here = judgeHere(options, cutting);
  const before: Buffer[] = [];
  let bytes = 0;
  let there: JudgingThere | undefined;

  async function moveThere(): Promise<JudgingThere> {
    there = judgeThere(options, cutting, here.count());
    for (const chunk of before.splice(0)) await there.push(chunk);
    return there;
  }

  return {
    async push(chunk) {
      bytes += chunk.length;
      if (bytes > judgedHereBytes) return (there ?? (await moveThere())).push(chunk);
      before.push(chunk);
      return here.push(chunk);
    },
    end: async () => (there ?? here).end(),
    async close() {
      await there?.close();
    },
  };
}

interface JudgingHere {
  push(chunk: Buffer): readonly RejectedRecord[];
  end(): Verdict;
  count(): number;
}

function judgeHere(options: ExaminerOptions, cutting: SplitOptions): JudgingHere {
  const judge = createRecordJudge(options);
  const splitter = createRecordSplitter(cutting);
  return {
    push: (chunk) => judge.judge(splitter.push(chunk)),
    end() {
      const rejects = judge.judge(splitter.end());
      const judged = judge.finish();
      return { ...judged, rejects, isPlainArray: splitter.isArray && judged.profile.isPlain };
    },
    count: () => judge.count,
  };
}

type JudgingThere = Judging & Pick<JudgeThread, 'close'>;

/** @param told so many records were judged before, and are judged again: their rejects are known */
function judgeThere(options: ExaminerOptions, cutting: SplitOptions, told: number): JudgingThere {
  const thread = startJudgeThread(options);
  const splitter = createTextSplitter(cutting);
  const news = (rejects: readonly RejectedRecord[]): readonly RejectedRecord[] =>
    rejects.filter(({ row }) => row >= told);

  /** What is wrong with a record before is what was wrong first. */
  async function cut(records: () => readonly string[]): Promise<readonly string[]> {
    try {
      return records();
    } catch (error) {
      await thread.settled();
      throw error;
    }
  }

  return {
    push: async (chunk) => news(await thread.judge(await cut(() => splitter.push(chunk)))),
    async end() {
      const known = await thread.judge(await cut(() => splitter.end()));
      const { rejects, ...judged } = await thread.finish();
      return {
        ...judged,
        rejects: news([...known, ...rejects]),
        isPlainArray: splitter.isArray && judged.profile.isPlain,
      };
    },
    close: () => thread.close(),
  };
}
