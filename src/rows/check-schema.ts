import { createHash } from 'node:crypto';
import PQueue from 'p-queue';
import { orAborted } from '../domain/or-aborted.js';
import { DocumentError } from './document-error.js';
import type { ExaminerOptions } from './examiner.js';
import { openJudgeThread, textOf } from './judge-thread-client.js';

/** A schema that takes all its time holds up few others. */
const CHECKED_AT_ONCE = 4;
const MOST_REMEMBERED = 500;
/** A check that failed for want of time may not fail on another day. */
const REMEMBERED_MS = 5 * 60_000;

interface Checked {
  readonly problem: DocumentError | undefined;
  readonly at: number;
}

const turns = new PQueue({ concurrency: CHECKED_AT_ONCE });
/** Checked schemas by their hash: a task's schema is checked before each of its runs. */
const checked = new Map<string, Checked>();

/**
 * Makes a schema ready in a thread, where that can be ended, to see that records can be judged by it.
 *
 * @throws DocumentError `unusable` where they cannot
 */
export async function refuseUnusableSchema(options: ExaminerOptions, signal: AbortSignal): Promise<void> {
  const key = createHash('sha256').update(textOf(options)).digest('base64');
  const { problem } = remembered(key) ?? (await turns.add(() => check(key, options, signal), { signal }));
  if (problem) throw problem;
}

function remembered(key: string): Checked | undefined {
  const found = checked.get(key);
  return found && performance.now() - found.at < REMEMBERED_MS ? found : undefined;
}

async function check(key: string, options: ExaminerOptions, signal: AbortSignal): Promise<Checked> {
  // Another run of the same task may have had its turn meanwhile.
  const before = remembered(key);
  if (before) return before;
  const found = { problem: await problemOf(options, signal), at: performance.now() };
  const [oldest] = checked.keys();
  if (checked.size >= MOST_REMEMBERED && oldest !== undefined) checked.delete(oldest);
  checked.delete(key);
  checked.set(key, found);
  return found;
}

async function problemOf(options: ExaminerOptions, signal: AbortSignal): Promise<DocumentError | undefined> {
  const thread = openJudgeThread(options);
  try {
    await orAborted(thread.settled(), signal);
    return undefined;
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  } finally {
    await thread.close();
  }
}
