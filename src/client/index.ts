export type { Orphan, SweepInput, SweepPolicy, SweepResult } from '../domain/orphans.js';
export type {
  ForEachResult,
  PipelineSpec,
  RunPipelineInput,
  RunPipelineResult,
  StepResult,
  StepSpec,
} from '../domain/pipeline.js';
export type { FailureDetails, FailureType } from '../domain/failures.js';
export type { Phase, Progress, StepProgress } from '../domain/progress.js';
export type {
  ExportRef,
  FollowExecutionInput,
  Publication,
  PublishReceipt,
  RunTaskInput,
  RunTaskResult,
  TaskDefinition,
} from '../domain/run.js';
export { listRuns, type ListedWorkflow, type RunFilter } from './list-runs.js';
export { readProgress, type Sighting } from './read-progress.js';
export { RetryRefused } from './retry-refused.js';
export { retryWorkflow, type Retried, type RetryOptions } from './retry-workflow.js';
export { listSchedules, type ListedSchedule } from './schedules/list-schedules.js';
export type { ScheduleWish } from './schedules/plain-schedule.js';
export { compareSchedule, type ScheduleTodo } from './schedules/put-pipeline-schedule.js';
export { putSweepSchedule, type SweepSchedule, type SweepScheduleOptions } from './sweep-schedule.js';
export {
  createTitanflowClient,
  type Started,
  type TitanflowClient,
  type TitanflowClientOptions,
} from './titanflow-client.js';
