import { Context } from '@temporalio/activity';
import type { BatchRef } from '../domain/batch-ref.js';
import type { ExportFormat, ExportRef, RunTaskInput } from '../domain/run.js';
import { givingWay, NO_WAITS, type Waits } from '../domain/waits.js';
import type { ExportStream } from '../task-service/export-stream.js';
import type { ActivityDependencies } from './activities.js';
import { attempt, failureContext } from './attempt.js';
import { isWorthAnotherDownload } from './failures.js';
import { openStepFiles, unlessGone } from './for-each/step-files.js';
import { ownerOf, type KnownTask } from './known-task.js';
import type { ExecutionFacts } from './execution-facts.js';
import { endOf, taskOfExecution } from './staged-end.js';
import { chunksGivingWay } from './slow-download.js';
import { placeOf, stageExport, type Looking } from './stage-export.js';
import { createStagedNote } from './staged-before.js';
import { stagedNames } from './staged-run.js';
import { tellOfResults } from './tell-of-results.js';
import { unreadBefore, type UnreadExport } from './unread-export.js';
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
  /** How the execution ended, to be kept with its results. */
  readonly ended?: ExecutionFacts;
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
    looks: Looking = {},
  ): Promise<StagedExport> {
    const { executionId, format = 'json', records, coerce, pipeline } = input;
    const task: KnownTask = input.task
      ? await taskOfExecution({ staging, knownTasks }, executionId, input.task, AS_IT_WAS_RUN_MS, signal)
      : { name: `of execution ${executionId}` };
    const owner = ownerOf(pipeline, task);
    const options = { format, schema: task.schema, records, coerce, owner };
    const note = createStagedNote(staging, stagedNames(executionId, format), options);
    const before = await note.find();
    if (before) return { ...before, ...placeOf(staging) };
    const document = await note.document();
    const waitingFor = (): string => `the results of execution ${executionId}`;
    const download = async (): Promise<ExportStream> => {
      if (document) {
        await note.withdraw();
        return { chunks: document, hasEnd: true };
      }
      const stream = await givingWay(waits, waitingFor, () => service.results.export(executionId, format, signal));
      await note.withdraw();
      return { ...stream, chunks: chunksGivingWay(stream.chunks, waits, waitingFor) };
    };
    const staged = await stageExport(staging, input, { owner, schema: task.schema }, download, looks, signal);
    const end = input.ended && endOf(input.ended, task);
    await note.write({ export: staged.export, rejected: staged.rejected }, end);
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
    looks: Looking,
  ): Promise<StagedExport> {
    const files = openStepFiles(staging, batch.run);
    const staged = await exportOf({ ...input, ...(await unlessGone(files.readTask)) }, signal, waits, looks);
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
     * with the same options, is not asked for again. A document that cannot be read is asked for again, until the same bytes
     * have come several times or, where it is something else than rows, until `resultsWithinMs` is over. It is kept then.
     */
    exportResults(input: ExportResultsInput): Promise<StagedExport> {
      const { executionId, batch, resultsWithinMs } = input;
      const options = { paid: true, details: { executionId }, resultsWithinMs };
      return attempt(options, (attempt) => {
        const { signal, number } = attempt;
        const before = unreadBefore(Context.current().info.heartbeatDetails);
        const mark = createWorkMark(attempt, before);
        const isLast = (error: UnreadExport): boolean => !isWorthAnotherDownload(error, failureContext(options));
        const looks: Looking = { before, note: mark.unread, isLast };
        return exportTurns.run({ group: 'the exports', attempt: number, signal, say: mark.waitingFor }, (waits) =>
          (batch ? exportBatch(input, batch, signal, waits, looks) : exportOf(input, signal, waits, looks)).catch(
            (error: unknown) => tellOfResults(service, error, options, signal),
          ),
        );
      });
    },
  };
}
