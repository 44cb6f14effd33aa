import { defineQuery } from '@temporalio/workflow';
import type { Progress } from '../domain/progress.js';

/** How a run or a pipeline stands; the same on every workflow. */
export const progressQuery = defineQuery<Progress>('progress');
