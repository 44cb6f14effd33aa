import type { ForEach, RowsSource } from './pipeline.js';
import type { RunTaskInput, TaskDefinition } from './run.js';

/** Input of the workflow `runForEach`, which a pipeline starts as a child for a step with `forEach`. */
export interface RunForEachInput {
  readonly forEach: ForEach;
  /** All references are resolved but `${batch}`. */
  readonly task: TaskDefinition;
  /** How each batch is run and followed, and what is published of all of them. */
  readonly options: Omit<RunTaskInput, 'task' | 'executionId'>;
  /** Where the rows are that are fed to it; none = no batches. */
  readonly rows: readonly RowsSource[];
  /** Name of the pipeline: the owner of the tables. */
  readonly pipeline: string;
  readonly step: string;
  /** The logical run: it stays the same when a failed pipeline is resumed. */
  readonly run: string;
  /** Most executions that may be started; default: any number. */
  readonly maxExecutions?: number;
}
