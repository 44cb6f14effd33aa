import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { loadForeignText, type WorkerConfig } from '../config.js';
import { executionIdIn } from '../domain/ids.js';
import { isLive } from '../domain/status.js';
import { createTaskService } from '../task-service/task-service.js';

export interface PaidRuns {
  readonly client: Client;
  readonly titan: WorkerConfig['titan'];
  readonly say: (line: string) => void;
  /** Where Temporal's state is kept; undefined: it ends with this process. */
  readonly keptIn: string | undefined;
  /** Aborted when the wait for the runs must end. */
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;
const NEWS_EVERY_MS = 10_000;
const READ_WITHIN_MS = 10_000;

/**
 * Cancels what runs on this Temporal server, and waits until it is over: nobody is there any more to stop what is paid for.
 * Says what became of every execution, and how to go on with those that are left running.
 *
 * @param only the one run that may be cancelled, where the server is shared; default: all
 */
export async function stopPaidRuns(runs: PaidRuns, only?: string): Promise<void> {
  const { client, say, signal } = runs;
  const paid = new Set<string>();
  const isOurs = ({ workflowId, parentExecution }: WorkflowExecutionInfo): boolean =>
    only === undefined ? parentExecution === undefined : workflowId === only;
  const look = async (): Promise<WorkflowExecutionInfo[]> => {
    const open: WorkflowExecutionInfo[] = [];
    for await (const workflow of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) open.push(workflow);
    const ours = only === undefined ? open : open.filter((workflow) => workflow.rootExecution?.workflowId === only);
    for (const { workflowId } of ours) {
      const executionId = executionIdIn(workflowId);
      if (executionId !== undefined) paid.add(executionId);
    }
    return ours.length > 0 ? ours : open.filter(isOurs);
  };

  try {
    let open = await look();
    const tops = open.filter(isOurs);
    if (tops.length > 0) {
      say(
        `stopping ${counted(tops.length, 'run')} and ${counted(paid.size, 'execution')} (Ctrl-C again leaves them running)`,
      );
    }
    await Promise.allSettled(tops.map(({ workflowId }) => client.workflow.getHandle(workflowId).cancel()));
    for (let waitedMs = 0; open.length > 0; waitedMs += LOOK_EVERY_MS) {
      if (waitedMs % NEWS_EVERY_MS === NEWS_EVERY_MS - LOOK_EVERY_MS) say(`waiting for ${workflowsIn(open)} to end`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
      open = await look();
    }
  } catch (error) {
    if (!signal.aborted)
      say(`what runs could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
  await tell(runs, paid);
}

/** The service itself knows: `onCancel: keep` leaves an execution running, and so does whoever is in a hurry. */
async function tell({ titan, say, keptIn }: PaidRuns, paid: ReadonlySet<string>): Promise<void> {
  if (paid.size === 0) return;
  const service = createTaskService({ ...titan, foreignText: loadForeignText(), timeoutMs: READ_WITHIN_MS });
  const stands = await Promise.all(
    [...paid].map(async (id) => ({
      id,
      status: await service.executions.get(id).then(
        ({ status }) => status,
        () => undefined,
      ),
    })),
  );
  const ended = stands.filter(({ status }) => status !== undefined && !isLive(status));
  for (const { id, status } of ended) say(`  execution ${id}: ${status}`);
  const left = stands.filter((one) => !ended.includes(one));
  if (left.length === 0) return;
  say(`left running, and billed: ${counted(left.length, 'execution')}`);
  for (const { id, status = 'not known' } of left) say(`  execution ${id}: ${status}`);
  const header = titan.auth === 'x-api-key' ? 'X-API-Key: $TITAN_TOKEN' : 'Authorization: Bearer $TITAN_TOKEN';
  say(`stop one:      curl -X POST -H "${header}" ${titan.url}/api/v1/executions/<id>/stop`);
  say('take its rows: a step with its task and `executionId: <id>`, or the workflow followExecution');
  if (keptIn !== undefined)
    say(`go on:         npx titanflow dev --live, in this directory; Temporal's state is in ${keptIn}`);
}

function workflowsIn(open: readonly WorkflowExecutionInfo[]): string {
  const [first] = open.map(({ workflowId }) => workflowId);
  return open.length === 1 ? `${first}` : `${first} and ${open.length - 1} more`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
