import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { BatchValue } from '../../domain/batches.js';
import { STAGING_GONE } from '../../domain/failures.js';
import type { TaskDefinition } from '../../domain/run.js';
import { StagingError, type Staging } from '../../staging/staging.js';
import { json } from '../../pipeline-file/json-value.js';
import { exportRef, whereThere } from '../staged-before.js';
import { readStaged, runFolder, writeStaged } from '../staged-run.js';

/** So many batches have their values in one file: none is read whole for one of them. */
const IN_ONE_FILE = 20;
const READ_AT_ONCE = 16;

/** The names under which a step's own files lie in staging; the exports of its batches lie with their executions. */
function stepNames(run: string) {
  const folder = runFolder(run);
  return {
    plan: `${folder}/plan.json`,
    task: `${folder}/task.json`,
    /** A batch's values a line. */
    values: (file: number) => `${folder}/values-${file}.jsonl`,
    /** A {@link BatchNote}: says that the batch is staged. */
    note: (batch: number) => `${folder}/batch-${batch}.json`,
    /** All notes, one a line, in the order of the batches. */
    manifest: `${folder}/manifest.jsonl`,
  };
}

const plan = z.object({
  made: z.string(),
  batches: z.number(),
  values: z.number(),
  /** Hash of all values. */
  sha256: z.string().exactOptional(),
  passedOver: z.object({ count: z.number(), values: z.array(z.string()).readonly() }).exactOptional(),
});
export type BatchPlan = z.infer<typeof plan>;

const stepTask = z.object({ task: z.object({ name: z.string() }).catchall(json), pipeline: z.string() });
export interface StepTask {
  readonly task: TaskDefinition;
  readonly pipeline: string;
}

const note = z.object({
  batch: z.number(),
  executionId: z.string(),
  taskId: z.string(),
  status: z.string(),
  createdAt: z.string(),
  rejected: z.number(),
  export: exportRef,
});
export type BatchNote = z.infer<typeof note>;

const values = z.array(z.union([z.string(), z.number()]));

/**
 * Turns the fact that something of a step is not in staging into the failure on which its workflow acts.
 *
 * @throws ApplicationFailure; what `work` throws else
 */
export async function unlessGone<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StagingError) || error.reason !== 'missing') throw error;
    throw ApplicationFailure.nonRetryable(error.message, STAGING_GONE);
  }
}

/** The files of one run of a `forEach` step. All throw StagingError. */
export function openStepFiles(staging: Staging, run: string) {
  const names = stepNames(run);

  return {
    readPlan: () => whereThere(() => readStaged(staging, names.plan, plan)),
    writePlan: (made: BatchPlan) => writeStaged(staging, names.plan, made),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod has read what was a definition when it was written
    readTask: async () => (await readStaged(staging, names.task, stepTask)) as StepTask,
    writeTask: (task: StepTask) => writeStaged(staging, names.task, task),

    /** Takes the values of each batch in turn. */
    async writeValues(batches: AsyncIterable<readonly BatchValue[]>): Promise<number> {
      let count = 0;
      let lines: string[] = [];
      const flush = async (): Promise<void> => {
        if (lines.length > 0) await writeText(staging, names.values(fileOf(count)), lines.join(''));
        lines = [];
      };
      for await (const batch of batches) {
        count += 1;
        lines.push(`${JSON.stringify(batch)}\n`);
        if (count % IN_ONE_FILE === 0) await flush();
      }
      await flush();
      return count;
    },
    async readValues(batch: number): Promise<readonly BatchValue[]> {
      const lines = await readLines(staging, names.values(fileOf(batch)));
      return values.parse(JSON.parse(lines[(batch - 1) % IN_ONE_FILE] ?? 'null'));
    },

    writeNote: (written: BatchNote) => writeStaged(staging, names.note(written.batch), written),
    /** @returns in the order of the batches; undefined where one is not staged */
    async readNotes(first: number, last: number): Promise<readonly (BatchNote | undefined)[]> {
      const found: (BatchNote | undefined)[] = [];
      for (let at = first; at <= last; at += READ_AT_ONCE) {
        const some = Array.from({ length: Math.min(READ_AT_ONCE, last - at + 1) }, (_, index) => at + index);
        const read = (batch: number) => whereThere(() => readStaged(staging, names.note(batch), note));
        found.push(...(await Promise.all(some.map(read))));
      }
      return found;
    },

    writeManifest: (notes: readonly BatchNote[]) =>
      writeText(staging, names.manifest, notes.map((each) => `${JSON.stringify(each)}\n`).join('')),
    async readManifest(): Promise<readonly BatchNote[]> {
      return (await readLines(staging, names.manifest)).map((line) => note.parse(JSON.parse(line)));
    },
  };
}

function fileOf(batch: number): number {
  return Math.ceil(batch / IN_ONE_FILE);
}

async function writeText(staging: Staging, name: string, text: string): Promise<void> {
  const file = await staging.create(name);
  try {
    await file.write(text);
    await file.commit();
  } finally {
    await file.abort();
  }
}

async function readLines(staging: Staging, name: string): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of staging.read(name)) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  if (text !== '' && !text.endsWith('\n')) throw new StagingError('missing', `staging: ${name} is damaged`);
  return text.split('\n').slice(0, -1);
}
