import type { BatchRef } from '../domain/batch-ref.js';
import { orAborted } from '../domain/or-aborted.js';
import type { ExportFormat, ExportRef, RunTaskInput } from '../domain/run.js';
import { givingWay, NO_WAITS, type Waits } from '../domain/waits.js';
import { refuseUnusableSchema } from '../rows/check-schema.js';
import { openJudging } from '../rows/judging.js';
import type { RejectedRecord } from '../rows/record-judge.js';
import { rowSchema } from '../rows/row-schema.js';
import { unpack } from '../rows/unpack.js';
import type { Staging } from '../staging/staging.js';
import type { ExportStream } from '../task-service/export-stream.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';
import { openStepFiles, unlessGone } from './for-each/step-files.js';
import { ownerOf, type KnownTask } from './known-task.js';
import { createStagedNote, type ExportOptions } from './staged-before.js';
import { stagedNames, writeStaged, type StagedFacts, type StagedReject } from './staged-run.js';
import { tellOfResults } from './tell-of-results.js';
import { chunksGivingWay } from './slow-download.js';
import { createWorkMark } from './work-mark.js';

export interface ExportResultsInput {
  readonly executionId: string;
  /** Whose schema the rows have; undefined = nobody knows the task. */
  readonly task?: RunTaskInput['task'];
  readonly pipeline?: string;
  readonly format?: ExportFormat;
  readonly records?: string;
  readonly coerce?: boolean;
  /** How long they may lag behind the execution's end; default 15 minutes. */
  readonly resultsWithinMs?: number;
  /** Set for a batch: its step knows the task and the pipeline. */
  readonly batch?: EndedBatch;
}

/** A batch of a `forEach` step, and how its execution ended. */
export interface EndedBatch extends BatchRef {
  readonly taskId: string;
  readonly status: string;
  readonly createdAt: string;
}

export interface StagedExport {
  readonly export: ExportRef;
  /** Records that failed validation. */
  readonly rejected: number;
  /** The directory where it is staged: part of the task queue of those who can publish it. Absent: all can. */
  readonly stagingId?: string;
}

/** A task is asked for before it is run, and again when it is run the next time. */
const AS_IT_WAS_RUN_MS = 24 * 3_600_000;

/** Downloads results into staging, unless they are there; what is not proven whole never gets its name. */
export function createExports({ service, knownTasks, staging }: ActivityDependencies) {
  return async function exportOf(
    input: ExportResultsInput,
    signal: AbortSignal,
    waits: Waits = NO_WAITS,
  ): Promise<StagedExport> {
    const { executionId, format = 'json', records, coerce, pipeline } = input;
    const task: KnownTask = input.task
      ? await knownTasks.find(input.task, AS_IT_WAS_RUN_MS, signal)
      : { name: `of execution ${executionId}` };
    const owner = ownerOf(pipeline, task);
    const options = { format, schema: task.schema, records, coerce, owner };
    const note = createStagedNote(staging, stagedNames(executionId, format), options);
    const before = await note.find();
    if (before) return { ...before, ...placeOf(staging) };
    const waitingFor = (): string => `the results of execution ${executionId}`;
    const download = async (): Promise<ExportStream> => {
      const stream = await givingWay(waits, waitingFor, () => service.results.export(executionId, format, signal));
      await note.withdraw();
      return { ...stream, chunks: chunksGivingWay(stream.chunks, waits, waitingFor) };
    };
    const staged = await stage(staging, input, { owner, schema: task.schema }, download, signal);
    await note.write({ export: staged.export, rejected: staged.rejected });
    return staged;
  };
}

export function createExporting(dependencies: ActivityDependencies) {
  const { service, staging, exportTurns } = dependencies;
  const exportOf = createExports(dependencies);

  /** The note comes last: a step counts what it finds noted. */
  async function exportBatch(
    input: ExportResultsInput,
    batch: EndedBatch,
    signal: AbortSignal,
    waits: Waits,
  ): Promise<StagedExport> {
    const files = openStepFiles(staging, batch.run);
    const staged = await exportOf({ ...input, ...(await unlessGone(files.readTask)) }, signal, waits);
    const { taskId, status, createdAt } = batch;
    const { executionId } = input;
    const { rejected, export: ref } = staged;
    await files.writeNote({ batch: batch.batch, executionId, taskId, status, createdAt, rejected, export: ref });
    return staged;
  }

  return {
    /**
     * Downloads the results into staging. One pass unpacks, writes and hashes the bytes, cuts them into records, proves the
     * document whole and judges every record; what is not proven whole never gets its name. What is staged already, made
     * with the same options, is not asked for again.
     */
    exportResults(input: ExportResultsInput): Promise<StagedExport> {
      const { executionId, batch, resultsWithinMs } = input;
      const options = { paid: true, details: { executionId }, resultsWithinMs };
      return attempt(options, (attempt) => {
        const { signal, number } = attempt;
        const say = createWorkMark(attempt).waitingFor;
        return exportTurns.run({ group: 'the exports', attempt: number, signal, say }, (waits) =>
          (batch ? exportBatch(input, batch, signal, waits) : exportOf(input, signal, waits)).catch((error: unknown) =>
            tellOfResults(service, error, options, signal),
          ),
        );
      });
    },
  };
}

async function stage(
  staging: Staging,
  { executionId, format = 'json', records, coerce }: ExportResultsInput,
  { owner, schema }: Pick<ExportOptions, 'owner' | 'schema'>,
  download: () => Promise<ExportStream>,
  signal: AbortSignal,
): Promise<StagedExport> {
  const names = stagedNames(executionId, format);
  const path = records === undefined ? {} : { records };
  const options = { outputSchema: schema, format, ...path, ...(coerce === undefined ? {} : { coerce }) };
  await refuseUnusableSchema(options, signal);
  const judging = openJudging(options);
  const document = await staging.create(names.export);
  const rejects = await staging.create(names.rejects);
  const keep = async (rejected: readonly RejectedRecord[]): Promise<void> => {
    for (const reject of rejected) await rejects.write(`${JSON.stringify(reject satisfies StagedReject)}\n`);
  };
  try {
    // Only now: where nothing can be staged, no request is spent.
    const { chunks } = await download();
    let written = Promise.resolve();
    for await (const chunk of unpack(chunks)) {
      // A pattern of the schema's may keep the thread busy for a while.
      await orAborted(Promise.all([written, judging.push(chunk).then(keep)]), signal);
      written = document.write(chunk);
      // It is waited for above, when there is a next chunk.
      written.catch(() => undefined);
    }
    await orAborted(written, signal);
    const { rejects: last, profile, longest, isPlainArray } = await orAborted(judging.end(), signal);
    await keep(last);
    await rejects.commit();
    const rowKeys = [...rowSchema(schema, records).rowKeys];
    const facts: StagedFacts = {
      profile,
      owner,
      rowKeys,
      ...path,
      ...(isPlainArray ? { plainArray: { longest } } : {}),
    };
    await writeStaged(staging, names.facts, facts);
    // Last, because its name says that all is there.
    const { uri, bytes, sha256 } = await document.commit();
    const ref: ExportRef = { uri, format, bytes, records: profile.records, sha256 };
    return { export: ref, rejected: profile.rejected, ...placeOf(staging) };
  } finally {
    await judging.close();
    await rejects.abort();
    await document.abort();
  }
}

export function placeOf({ id }: Staging): Pick<StagedExport, 'stagingId'> {
  return id === undefined ? {} : { stagingId: id };
}
