import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { RequestBudget } from '../activities/await-execution.js';
import { readBudget } from '../client/read-budget.js';
import { readProgress, type Sighting } from '../client/read-progress.js';
import { loadClientConfig } from '../config.js';
import { RELEASED } from '../domain/released.js';
import { runStatus } from '../domain/run-status.js';
import { withClient } from './connect.js';
import { describeBudget, describeSighting } from './describe-sighting.js';
import { outcomeJson } from './outcome-json.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { shortTime } from './plain-table.js';
import { showOutcome } from './show-outcome.js';
import { whyStuck } from './why-stuck.js';
import { print } from './terminal.js';
import { shown } from '../printable.js';

interface Standing {
  readonly description: WorkflowExecutionDescription;
  /** Of a workflow that runs, if a worker answers. */
  readonly progress: Sighting | undefined;
  /** Of a workflow that runs, if any wait of its workers tells. */
  readonly budget: RequestBudget | undefined;
  readonly outcome: Outcome | undefined;
  readonly troubles: readonly string[];
}

/** `titanflow status ID`: how a workflow stands and what keeps it, or how it ended. */
export async function status(workflowId: string, options: { readonly json?: boolean }): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const description = await client.workflow.getHandle(workflowId).describe();
    const isOpen = description.status.name === 'RUNNING';
    const progress = isOpen ? await readProgress(client, workflowId).catch(() => undefined) : undefined;
    const standing: Standing = {
      description,
      progress,
      budget: isOpen ? await readBudget(client, description.taskQueue).catch(() => undefined) : undefined,
      outcome: isOpen ? undefined : await outcomeOf(client, workflowId),
      troubles: isOpen ? await whyStuck(client, description, progress) : [],
    };
    print(options.json === true ? JSON.stringify(asJson(standing)) : asText(standing).join('\n'));
  });
}

function asJson({ description, progress, budget, outcome, troubles }: Standing): object {
  const { workflowId, type, status, startTime, closeTime } = description;
  return {
    workflowId,
    type,
    status: runStatus(status.name),
    startTime,
    closeTime,
    progress,
    budget,
    troubles,
    outcome: outcome && outcomeJson(workflowId, outcome, wasReleased(description)),
  };
}

function wasReleased({ memo }: WorkflowExecutionDescription): boolean {
  return memo?.[RELEASED] === true;
}

function asText({ description, progress, budget, outcome, troubles }: Standing): string[] {
  const { status, startTime, closeTime } = description;
  const since = `since ${shortTime(startTime)}${closeTime ? ` until ${shortTime(closeTime)}` : ''}`;
  const head = `${shown(description.workflowId)}: ${shown(description.type)}, ${runStatus(status.name)}, ${since}`;
  if (outcome) {
    return [head, showOutcome({ workflowId: description.workflowId, outcome, isReleased: wasReleased(description) })];
  }
  const lines = (progress ? shown(describeSighting(progress)) : []).map(({ name, text, nextLookAt }) => {
    return `  ${name}: ${text}${nextLookAt === undefined ? '' : ` (looks again at ${shortTime(nextLookAt)})`}`;
  });
  const requests = budget ? [`  ${describeBudget(budget)}`] : [];
  return [head, ...lines, ...requests, ...troubles.map((trouble) => `  ! ${shown(trouble)}`)];
}
