import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { isDefinition, secretNames, type RunTaskInput, type RunTaskResult } from '../domain/run.js';
import { endByContract, refuseTooLarge } from './end-by-contract.js';
import { knownOf, runExecution } from './run-execution.js';
import { searchAttributes } from './search-attributes.js';
import { trackProgress } from './track-progress.js';

/**
 * One run of one task: checks the stores, ensures the task, starts one execution and claims it, then waits for the
 * child `execution/<executionId>` to follow, export and publish it. Paid for once, through any crash.
 */
export async function runTask(input: RunTaskInput): Promise<RunTaskResult> {
  const progress = trackProgress({ phase: 'preparing', waitingFor: 'stores and task to be checked' });
  return endByContract(
    progress,
    () => knownOf(progress),
    async () => {
      refuseTooLarge(input);
      const pipeline = workflowInfo().typedSearchAttributes.get(searchAttributes.pipeline);
      return runExecution(progress, {
        options: input,
        isOurs: hasDefinition(input),
        mayReplace: 'ALLOW_DUPLICATE_FAILED_ONLY',
        prepare: (proxies, gone, wasResumed) =>
          proxies
            .prepare('check the input and the stores, ensure the task')
            .prepareRun(input, pipeline, gone, wasResumed),
        onPrepared(taskId) {
          if (!hasDefinition(input)) showKind(input, taskId);
        },
        follow(executionId, deadline) {
          const { onUnknown: _submitting, onPaused: _waiting, secretPayload: _secret, ...options } = input;
          return { ...options, executionId, deadline };
        },
      });
    },
  );
}

/** Asked before the input is checked: it may be anything. */
function hasDefinition(input: RunTaskInput): boolean {
  return typeof input?.task === 'object' && isDefinition(input.task);
}

/** A task given by id may be run with other secrets too: whoever is in doubt about such a run must know. */
function showKind({ secretPayload }: RunTaskInput, taskId: string): void {
  upsertSearchAttributes([{ key: searchAttributes.taskId, value: taskId }]);
  if (secretPayload) upsertMemo({ secretNames: secretNames(secretPayload) });
}
