/** Workflow ids and task queue names: each is made here and nowhere else, because others rely on them. */

/** The id under which an execution is claimed: whoever starts this workflow owns the execution. */
export function executionWorkflowId(executionId: string): string {
  return `execution/${executionId}`;
}

/** The inverse; undefined for the id of another workflow. */
export function executionIdIn(workflowId: string): string | undefined {
  const prefix = executionWorkflowId('');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : undefined;
}

export function pipelineWorkflowId(name: string, key: string): string {
  return `pipeline/${name}/${key}`;
}

/** The key in `pipeline/<name>/<key>`; an id that somebody chose freely is its own key. */
export function pipelineKey(workflowId: string, name: string): string {
  return hasPipelineKey(workflowId, name) ? workflowId.slice(pipelineWorkflowId(name, '').length) : workflowId;
}

/** Whether an id is one of a pipeline with a key. */
export function hasPipelineKey(workflowId: string, name: string): boolean {
  return workflowId.startsWith(pipelineWorkflowId(name, ''));
}

export function stepWorkflowId(pipelineId: string, step: string): string {
  return `${pipelineId}/${step}`;
}

/** The Temporal Schedule of a pipeline. */
export function pipelineScheduleId(name: string): string {
  return `pipeline/${name}`;
}

/** What its runs are called: Temporal adds the time, `pipeline/<name>/scheduled-2026-11-28T20:00:00Z`. */
export function scheduledWorkflowId(name: string): string {
  return pipelineWorkflowId(name, 'scheduled');
}

/** The Temporal Schedule that sweeps for the workers of a task queue. */
export function sweepScheduleId(taskQueue: string): string {
  return `sweep/${taskQueue}`;
}

/** Temporal adds the time to it. */
export function sweepWorkflowId(taskQueue: string): string {
  return `${sweepScheduleId(taskQueue)}/run`;
}

export interface TaskQueues {
  /** Workflows, preparing, control. */
  readonly main: string;
  /** What waits by nature: submitting, waiting for an execution. Thousands of cheap slots. */
  readonly wait: string;
  /** Export and publish: few heavy slots. */
  readonly data: string;
}

export function taskQueues(main: string): TaskQueues {
  return { main, wait: `${main}-wait`, data: `${main}-data` };
}

/** The queue of the machines that hold one staging directory. */
export function stagingTaskQueue(main: string, stagingId: string): string {
  return `${taskQueues(main).data}-${stagingId}`;
}
