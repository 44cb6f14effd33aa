import type { Graph } from './graph.js';
import type { Json } from './json.js';
import type { RunTaskInput, RunTaskResult, PublishReceipt } from './run.js';

/** Skips the step unless an earlier one ended as described; the step waits for that one. */
export interface When {
  readonly step: string;
  /** Its last status in the service's words, or one of several; default: any in which it ended well. */
  readonly status?: string | readonly string[];
  /** How many valid rows it had. */
  readonly rows?: { readonly min?: number; readonly max?: number };
}

/** Feeds the rows of an earlier step to a task, a batch of them at a time; `${batch}` in the task is the list of values. */
export interface ForEach {
  /** The step whose rows these are; this one waits for it. */
  readonly rowsOf: string;
  /** Path of the value in a row, e.g. `url` or `links.0.href`. Rows without it are passed over. */
  readonly field: string;
  /** Most values in a batch; default 50. */
  readonly batch?: number;
  /** Most batches at once; default 10. */
  readonly parallel?: number;
  /** Equal values count once; default true. */
  readonly distinct?: boolean;
  /** Most values in all; default: no limit. */
  readonly max?: number;
  /** False: the tasks of the batches are deleted when the step is published. Default true: an equal batch finds its task again. */
  readonly keepTasks?: boolean;
}

/** One node: one run of one task, the runs of a `forEach`, or another pipeline. */
export interface StepSpec extends Omit<RunTaskInput, 'task'> {
  /** What to scrape; either this or `pipeline`. */
  readonly task?: RunTaskInput['task'];
  /** Another pipeline, run as a step. In a file: the path of its file; whoever reads the file puts the pipeline itself in its place. */
  readonly pipeline?: string | PipelineSpec;
  /** Parameters of `pipeline`. */
  readonly params?: Readonly<Record<string, Json>>;
  readonly forEach?: ForEach;
  /** Steps that must have ended well before this one starts; none = it starts at once. */
  readonly after?: string | readonly string[];
  readonly when?: When;
  /** Default `fail`: those after it do not start, and the pipeline fails. `continue`: both go on as if it had had no rows. */
  readonly onFailure?: 'fail' | 'continue';
}

export type ParamType = 'string' | 'number' | 'integer' | 'boolean' | 'list' | 'object';

export interface ParamSpec {
  /** Default: that of `default`, else any. */
  readonly type?: ParamType;
  readonly description?: string;
  /** A parameter without a default must be given. */
  readonly default?: Json;
}

/** Whom to tell when a pipeline fails. */
export interface FailureNotice {
  /** Gets a POST with a JSON body, signed as Standard Webhooks say if there is a `secret`. */
  readonly webhook: string;
  /** NAME of the secret that signs; the worker takes it from `TITANFLOW_SECRET_<NAME>`. */
  readonly secret?: string;
}

export type Overlap = 'skip' | 'bufferOne' | 'bufferAll' | 'cancelOther' | 'terminateOther' | 'allowAll';

/** When the pipeline starts by itself: `cron` or `interval`, or both. */
export interface ScheduleSpec {
  readonly cron?: string | readonly string[];
  /** A duration such as `6 hours`. */
  readonly interval?: string;
  /** Name of the IANA database; default UTC. */
  readonly timezone?: string;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /** How long after its time a missed start is still made up for. */
  readonly catchup?: string;
  readonly jitter?: string;
  /** Default false. */
  readonly paused?: boolean;
  readonly params?: Readonly<Record<string, Json>>;
  /** In place of the pipeline's own, for scheduled runs. */
  readonly onFailure?: FailureNotice;
}

export interface PipelineSpec {
  readonly name: string;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly steps: Readonly<Record<string, StepSpec>>;
  /** Most steps at once; default: as many as the graph allows. */
  readonly parallel?: number;
  /** True: a step that fails stops those that run. Default false: they finish and publish. */
  readonly failFast?: boolean;
  /** Most executions that one run of the pipeline may start; default: any number. */
  readonly maxExecutions?: number;
  readonly onFailure?: FailureNotice;
  readonly schedule?: ScheduleSpec;
}

/** Input of the workflow `runPipeline`. */
export interface RunPipelineInput {
  readonly pipeline: PipelineSpec;
  readonly params?: Readonly<Record<string, Json>>;
  /** `${run.key}`; default: what stands in the workflow's id. */
  readonly key?: string;
  /**
   * Id of a failed run of the same pipeline: what it has finished is not paid for again. It is the same logical run, with the
   * same key and time, and the same parameters unless others are given.
   */
  readonly resumeOf?: string;
  /** With `resumeOf`: what the service itself failed is paid for again. */
  readonly rerun?: boolean;
  /**
   * With `resumeOf`: what gates hold is published as it is. Either all of it (`true`), or what is named: ids of executions,
   * and of the workflows of steps with `forEach`.
   */
  readonly release?: boolean | readonly string[];
  /** `${run.scheduledTime}`; default: when a schedule meant it to start, else when it started. */
  readonly scheduledTime?: string;
}

/** What a `forEach` step did. Its batches stand in a manifest in staging. */
export interface ForEachResult {
  /** The logical run: its publications' receipts are kept under it. */
  readonly run: string;
  readonly batches: number;
  /** Batches whose rows count: they ended well. */
  readonly completed: number;
  /** Executions that it has started: a run that goes on finds some, and a batch that the service lost is sent again. */
  readonly executions: number;
  /** Executions that earlier runs of the step had paid for, as far as they are known. Absent: none. */
  readonly kept?: number;
  /** Executions that were started because the service had lost the one before. Absent: none. */
  readonly repeated?: number;
  /** Values that are no URLs, where the task wants URLs: nothing is bought for them. Absent: none. */
  readonly passedOver?: PassedOver;
  readonly records: number;
  readonly rejected: number;
  readonly published: readonly PublishReceipt[];
}

/** Values that were left out of a `forEach`, with the first of them. */
export interface PassedOver {
  readonly count: number;
  readonly values: readonly string[];
}

export type StepResult = RunTaskResult | ForEachResult | RunPipelineResult;

export interface RunPipelineResult {
  readonly steps: Readonly<Record<string, StepResult>>;
}

/**
 * Where rows rest that a later step takes: an execution's export, which can be made again with the same options, or the
 * staged exports of a `forEach` step, by its run.
 */
export type RowsSource =
  | ({ readonly executionId: string } & Pick<RunTaskInput, 'format' | 'records' | 'coerce'> & {
        readonly task: { readonly id: string };
      })
  | { readonly run: string };

/** The steps that one waits for, whichever key says so; each once. */
export function stepsBefore({ after = [], when, forEach }: StepSpec): readonly string[] {
  const named = [...(typeof after === 'string' ? [after] : after), when?.step, forEach?.rowsOf];
  return [...new Set(named.filter((name) => name !== undefined))];
}

export function graphOf(steps: PipelineSpec['steps']): Graph {
  return new Map(Object.entries(steps).map(([name, step]) => [name, stepsBefore(step)]));
}
