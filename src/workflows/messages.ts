import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BatchCounts, Progress } from '../domain/progress.js';

/** How a run or a pipeline stands; the same on every workflow. */
export const progressQuery = defineQuery<Progress>('progress');

/** Pauses what runs remotely, and starts nothing more until {@link resumeUpdate}. */
export const pauseUpdate = defineUpdate<void>('pause');

/** Resumes what was paused, by whomever. */
export const resumeUpdate = defineUpdate<void>('resume');

/** How far the batches of a child are. */
export const batchesSignal = defineSignal<[Omit<BatchCounts, 'total'>]>('batches');
