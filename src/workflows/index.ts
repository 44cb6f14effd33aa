export { followExecution } from './follow-execution.js';
export { runBatch } from './run-batch.js';
export { runBatches } from './run-batches.js';
export { runForEach } from './run-for-each.js';
export { runPipeline } from './run-pipeline.js';
export { runTask } from './run-task.js';
export { sweepOrphans } from './sweep-orphans.js';
