import type { Table } from './tables.js';

/** One run that somebody wants, and what may become of it. */
export interface Wanted {
  readonly workflowId: string;
  /** Kind of run, for the report. */
  readonly kind: string;
  /** Whether it may be cancelled, reset and so on; else how it ends would not be known. */
  readonly isFair: boolean;
  /** How many executions it pays for. */
  readonly pays: number;
  /** Names of their tasks. */
  readonly taskNames: readonly string[];
  /** Types of failures that are its proper end, or one that it may have. */
  readonly mayEndAs: readonly string[];
  /** Returns the table for what `unit`, a workflow of the run, has paid for; undefined: the rows stay staged. */
  tableOf(unit: string): Table | undefined;
  /** Valid rows of each execution that is published. */
  readonly rows: number;
  start(): Promise<void>;
}

/** `deadline` and so on of runs that are not to be waited for as long as others. */
export const IMPATIENT = { deadline: '25 seconds', giveUpAfter: '40 seconds' } as const;

export const TASK = {
  urls: ['https://example.com/product/1'],
  objective: 'Extract product details',
  output_schema: { type: 'object', properties: { title: { type: 'string' }, price: { type: 'string' } } },
  execution_type: 'single',
};

export function append(table: Table) {
  return [{ store: 'warehouse', table, mode: 'append' }] as const;
}
