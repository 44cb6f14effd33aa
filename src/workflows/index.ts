export { followExecution } from './follow-execution.js';
export { runPipeline } from './run-pipeline.js';
export { runTask } from './run-task.js';
export { sweepOrphans } from './sweep-orphans.js';
