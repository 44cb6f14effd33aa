import { Context } from '@temporalio/activity';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { EarlierRun, EarlierStep } from '../../domain/earlier-run.js';
import { pipelineKey } from '../../domain/ids.js';
import type { RunPipelineInput } from '../../domain/pipeline.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { describe, describeRun, firstRunOf } from '../owners.js';
import { invalid } from '../refuse-bad-input.js';
import { findRun, type Found } from './find-run.js';
import { judgeExecution, judgeStarted, type Judge } from './judge-step.js';
import { readHistory, type Recorded } from './read-history.js';

/** About the run of a pipeline that another one goes on from. */
export function createEarlierRuns(dependencies: Pick<ActivityDependencies, 'service' | 'owners' | 'staging'>) {
  const { service, owners, staging } = dependencies;
  return {
    /** What it has finished and paid for, with what it had gone on from itself. */
    readEarlierRun(input: RunPipelineInput & { readonly resumeOf: string }): Promise<EarlierRun> {
      return attempt({ paid: true }, async ({ signal }) => {
        const run = await lastThatRead(input.resumeOf, await own());
        refuseOtherPipeline(input, run);
        const { recorded, description } = run;
        const { pipeline, params } = recorded.input;
        const names = new Set([...recorded.steps.keys(), ...Object.keys(recorded.earlier?.steps ?? {})]);
        const steps = await Promise.all(
          Array.from(names, async (name) => {
            const accept = input.pipeline.steps?.[name]?.accept;
            const judge: Judge = { service, owners, staging, signal, accept, lookAt: describe };
            return [name, await judgeStep(name, recorded, judge)] as const;
          }),
        );
        return {
          first: recorded.earlier?.first ?? description.workflowId,
          key: recorded.earlier?.key ?? recorded.input.key ?? pipelineKey(description.workflowId, pipeline.name),
          scheduledTime: scheduledTimeOf(run),
          ...(params === undefined ? paramsOf(recorded.earlier) : { params }),
          steps: Object.fromEntries(steps.filter((entry): entry is [string, EarlierStep] => entry[1] !== undefined)),
        };
      });
    },
  };
}

interface ReadRun {
  readonly description: WorkflowExecutionDescription;
  readonly recorded: Recorded;
}

/** Finds the first of the runs that a reset or a retry made one: what it goes on from came before all of them. */
async function own(): Promise<Found> {
  const { client, info } = Context.current();
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
  const run = await client.workflow.getHandle(workflowId, runId).describe();
  return (await describeRun({ workflowId, runId: firstRunOf(run) })) ?? run;
}

/** A run that ended before it could see what it goes on from has done nothing: the one before it counts. */
async function lastThatRead(resumeOf: string, after: Found): Promise<ReadRun> {
  const description = await findRun(resumeOf, after);
  const recorded = await readHistory(description);
  const { resumeOf: before } = recorded.input;
  const hasRead = before === undefined || recorded.earlier !== undefined;
  return hasRead ? { description, recorded } : lastThatRead(before, description);
}

async function judgeStep(name: string, { steps, earlier }: Recorded, judge: Judge): Promise<EarlierStep | undefined> {
  const started = steps.get(name);
  if (started !== undefined) return judgeStarted(started, judge);
  const before = earlier?.steps[name];
  // It was not come to again: how its execution stands is asked anew.
  const isOpen = before?.kind === 'paid' || before?.kind === 'lost';
  if (!isOpen || before.executionId === undefined) return before;
  const left = await judgeExecution(before.executionId, judge);
  return left.kind === 'paid' && before.kind === 'paid' ? { ...before, ...left } : left;
}

/** Both inputs may be anything: this one is not checked yet, and that one may have failed by it. */
function refuseOtherPipeline({ pipeline, resumeOf }: RunPipelineInput, { recorded }: ReadRun): void {
  const ran: unknown = recorded.input.pipeline?.name;
  const wanted: unknown = pipeline?.name;
  if (wanted === ran && wanted !== undefined) return;
  throw invalid(`cannot go on from ${resumeOf}: it ran the pipeline "${String(ran)}", not "${String(wanted)}"`);
}

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

function scheduledTimeOf({ description, recorded }: ReadRun): string {
  const { startTime, typedSearchAttributes } = description;
  const said = recorded.earlier?.scheduledTime ?? recorded.input.scheduledTime;
  return said ?? (typedSearchAttributes.get(scheduledStart) ?? startTime).toISOString();
}

function paramsOf(earlier: EarlierRun | undefined): Pick<EarlierRun, 'params'> {
  return earlier?.params === undefined ? {} : { params: earlier.params };
}
