import type { Client } from '@temporalio/client';
import { createTitanflowClient } from '../../../src/client/titanflow-client.js';
import type { RunTaskInput } from '../../../src/domain/run.js';
import { ROWS_OF_A_RUN } from '../service/weather.js';
import type { Table } from './tables.js';
import { append, TASK, type Wanted } from './wanted.js';

export interface Starter {
  readonly client: Client;
  readonly taskQueue: string;
}

/** Temporal ends each attempt after this time, and begins another. A look for a lost request takes 12 s. */
export const CALLERS_RETRIES = {
  workflowRunTimeout: '20 seconds',
  retry: { maximumAttempts: 14, initialInterval: '500 ms', backoffCoefficient: 1 },
} as const;

/** The timeout of the last attempt ends the run itself, or an outage does that comes too close to it. */
export const RETRIED_ENDS = ['TimeoutFailure', 'ServiceUnavailable'] as const;

interface TaskRun extends Partial<Omit<RunTaskInput, 'task' | 'publish'>> {
  readonly kind: string;
  readonly taskName: string;
  readonly table?: Table;
  readonly rows?: number;
  readonly schema?: typeof TASK.output_schema | object;
  readonly isFair?: boolean;
  readonly mayEndAs?: readonly string[];
  readonly isRetried?: boolean;
}

/** One run of one task, published. */
export function taskRun(starter: Starter, workflowId: string, run: TaskRun): Wanted {
  const { kind, taskName, table = 'products', rows = ROWS_OF_A_RUN, schema, ...others } = run;
  const { isFair = true, mayEndAs = [], isRetried = false, ...options } = others;
  const task = { ...TASK, name: taskName, ...(schema ? { output_schema: schema as typeof TASK.output_schema } : {}) };
  const input: RunTaskInput = { task, publish: append(table), ...options };
  return {
    workflowId,
    kind,
    isFair,
    pays: 1,
    taskNames: [taskName],
    mayEndAs: isRetried ? [...mayEndAs, ...RETRIED_ENDS] : mayEndAs,
    rows,
    tableOf: () => table,
    async start() {
      const { client, taskQueue } = starter;
      if (!isRetried) return void (await createTitanflowClient(starter).runTask(workflowId, input));
      await client.workflow.start('runTask', { workflowId, taskQueue, args: [input], ...CALLERS_RETRIES });
    },
  };
}
