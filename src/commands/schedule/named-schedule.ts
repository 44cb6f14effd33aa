import type { Client, ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { plainOf, type PlainSchedule } from '../../client/schedules/plain-schedule.js';
import { findSchedule } from '../../client/schedules/put-pipeline-schedule.js';
import { pipelineScheduleId, sweepScheduleId } from '../../domain/ids.js';
import { UserError } from '../../user-error.js';
import { readPipeline } from '../read-pipeline.js';

export interface NamedSchedule {
  readonly name: string;
  readonly handle: ScheduleHandle;
  readonly description: ScheduleDescription;
  /** Undefined for the schedule of a sweep. */
  readonly plain: PlainSchedule | undefined;
}

/**
 * The schedule that somebody means by the name of a pipeline, by its file, or by its whole id (`sweep/<task queue>` too).
 *
 * @throws UserError where there is none, or it is somebody else's
 */
export async function namedSchedule(client: Client, nameOrFile: string): Promise<NamedSchedule> {
  const scheduleId = await scheduleIdOf(nameOrFile);
  const description = await findSchedule(client, scheduleId);
  if (description === undefined) {
    throw new UserError(
      2,
      `there is no schedule "${scheduleId}"; see: titanflow schedule list, or make one: titanflow schedule apply FILE`,
    );
  }
  const plain = plainOf(description);
  if (plain === undefined && description.action.workflowType !== 'sweepOrphans') {
    throw new UserError(2, `schedule "${scheduleId}" is not one that titanflow has made: it is left alone`);
  }
  return {
    name: plain?.pipeline.name ?? scheduleId,
    handle: client.schedule.getHandle(scheduleId),
    description,
    plain,
  };
}

async function scheduleIdOf(nameOrFile: string): Promise<string> {
  if (nameOrFile.startsWith(pipelineScheduleId('')) || nameOrFile.startsWith(sweepScheduleId(''))) return nameOrFile;
  const isFile = nameOrFile.includes('/') || /\.(?:ya?ml|json)$/.test(nameOrFile);
  return pipelineScheduleId(isFile ? (await readPipeline(nameOrFile)).name : nameOrFile);
}
