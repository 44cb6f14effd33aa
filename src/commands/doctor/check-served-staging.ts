import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { describeWorkflow } from '../../client/describe-workflow.js';
import { searchValue } from '../../client/search-value.js';
import { findUnservedStaging, type UnservedStaging } from '../../client/unserved-staging.js';
import { describeUnserved } from '../why-stuck.js';
import { bad, type Check } from './check.js';

/** Steps that are looked at: one that waits is not alone, as a rule. */
const MOST_STEPS = 30;

/** Whether running steps wait for a staging directory that no worker serves. */
export async function checkServedStaging(client: Client, taskQueue: string): Promise<readonly Check[]> {
  const found = new Map<string, UnservedStaging>();
  for (const step of await runningSteps(client, taskQueue)) {
    for (const unserved of await findUnservedStaging(client, step)) found.set(unserved.stagingId, unserved);
  }
  return [...found.values()].map((unserved) => {
    const [text = '', cure = ''] = describeUnserved(unserved).split('; ');
    return bad('warn', `staging ${unserved.stagingId}`, text, cure);
  });
}

async function runningSteps(client: Client, taskQueue: string): Promise<readonly WorkflowExecutionDescription[]> {
  const query = `TaskQueue = ${searchValue(taskQueue)} AND ExecutionStatus = 'Running' AND WorkflowType IN ('runForEach', 'followExecution')`;
  const steps: WorkflowExecutionDescription[] = [];
  for await (const { workflowId } of client.workflow.list({ query, pageSize: MOST_STEPS })) {
    const step = await describeWorkflow(client, workflowId);
    if (step !== undefined) steps.push(step);
    if (steps.length === MOST_STEPS) break;
  }
  return steps;
}
