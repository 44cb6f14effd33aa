import type { Client } from '@temporalio/client';
import type { RequestBudget } from '../activities/await-execution.js';
import { pendingWork } from './pending-work.js';
import { searchValue } from './search-value.js';

/** Waits are looked at until one of them tells; one that has just begun does not. */
const MOST_LOOKED_AT = 3;

/**
 * The request budget of the workers of a task queue, as their waits for executions tell it: whichever wait it is, the budget
 * is the same. Undefined where nobody waits, or the account has no limit.
 */
export async function readBudget(client: Client, taskQueue: string): Promise<RequestBudget | undefined> {
  const query = `WorkflowType = 'followExecution' AND ExecutionStatus = 'Running' AND TaskQueue = ${searchValue(taskQueue)}`;
  let looked = 0;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: MOST_LOOKED_AT })) {
    const description = await client.workflow.getHandle(workflowId).describe();
    const told = pendingWork(description).find(({ mark }) => mark?.budget)?.mark?.budget;
    looked += 1;
    if (told || looked === MOST_LOOKED_AT) return told;
  }
  return undefined;
}
