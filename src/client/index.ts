export type { RunPipelineInput, RunPipelineResult, PipelineSpec, StepSpec } from '../domain/pipeline.js';
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
export { readProgress, type Sighting } from './read-progress.js';
export {
  createTitanflowClient,
  type Started,
  type TitanflowClient,
  type TitanflowClientOptions,
} from './titanflow-client.js';
