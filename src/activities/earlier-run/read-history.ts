import { Context } from '@temporalio/activity';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { EarlierRun } from '../../domain/earlier-run.js';
import { stepWorkflowId } from '../../domain/ids.js';
import type { RunPipelineInput, StepResult } from '../../domain/pipeline.js';
import type { Found } from './find-run.js';

/** What the history of a pipeline's run tells. It is kept longer than the histories of its steps. */
export interface Recorded {
  readonly input: RunPipelineInput;
  /** What it went on from itself, if it came to read that. */
  readonly earlier?: EarlierRun;
  readonly steps: ReadonlyMap<string, StartedStep>;
}

export interface StartedStep {
  readonly workflowId: string;
  readonly type: string;
  /** Of a step that ended well. */
  readonly result?: StepResult;
}

export async function readHistory({ workflowId, runId }: Found): Promise<Recorded> {
  const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
  const history = events ?? [];
  const input = payloadIn(history[0]?.workflowExecutionStartedEventAttributes?.input);
  if (input === undefined) throw new Error(`workflow ${workflowId} has no input`);
  const earlier = payloadIn(readingIn(history));
  return {
    input: defaultPayloadConverter.fromPayload(input),
    steps: stepsIn(history, workflowId),
    ...(earlier === undefined ? {} : { earlier: defaultPayloadConverter.fromPayload(earlier) }),
  };
}

function stepsIn(history: Events, workflowId: string): ReadonlyMap<string, StartedStep> {
  const steps = new Map<string, StartedStep>();
  for (const event of history) {
    const completed = event.childWorkflowExecutionCompletedEventAttributes;
    const child = event.childWorkflowExecutionStartedEventAttributes ?? completed;
    if (child == null) continue;
    const id = child.workflowExecution?.workflowId ?? '';
    const result = payloadIn(completed?.result);
    steps.set(id.slice(stepWorkflowId(workflowId, '').length), {
      workflowId: id,
      type: child.workflowType?.name ?? '',
      ...(result === undefined ? {} : { result: defaultPayloadConverter.fromPayload(result) }),
    });
  }
  return steps;
}

/** The answer of its own `readEarlierRun`. */
function readingIn(history: Events) {
  const asked = history.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'readEarlierRun',
  );
  const answered = history
    .map((event) => event.activityTaskCompletedEventAttributes)
    .find((done) => done != null && String(done.scheduledEventId) === String(asked?.eventId));
  return answered?.result;
}

type Events = NonNullable<History['events']>;

function payloadIn(payloads: { readonly payloads?: Payload[] | null } | null | undefined): Payload | undefined {
  return payloads?.payloads?.[0];
}
