import { loadAgents, loadRequestsPerMinute } from '../../config.js';
import { loadStoresConfig } from '../../stores-config.js';
import { openStores } from '../../stores/open-stores.js';
import { readParams, readPipeline } from '../read-pipeline.js';
import type { ScheduleSpec } from '../../domain/pipeline.js';
import { clockChangesOf, type ClockChange } from './clock-changes.js';
import { lookForTasks, schemaOf, type PlannedTask } from './look-for-tasks.js';
import { costsOf, requestsOf, scheduleCosts, type Costs, type ScheduleCosts } from './plan-costs.js';
import { outlineSteps, type StepOutline } from './plan-steps.js';
import { createTablePlanner, type PlannedTable } from './plan-tables.js';
import { showPlan } from './show-plan.js';
import { print } from '../terminal.js';
import { shown } from '../../printable.js';

/** What a pipeline would do. */
export interface Plan {
  readonly pipeline: string;
  readonly requestsPerMinute: number;
  readonly steps: readonly PlannedStep[];
  readonly costs: Costs;
  readonly schedule?: ScheduleCosts & { readonly clockChanges: readonly ClockChange[] };
  /** Why nobody was asked for the tasks. */
  readonly tasksNotLooked?: string;
}

export interface PlannedStep extends Pick<StepOutline, 'name' | 'level' | 'after' | 'forEach' | 'executions'> {
  /** Undefined: it runs a pipeline. */
  readonly task?: PlannedTask;
  /** About; undefined: it depends on rows. */
  readonly requests?: number;
  readonly tables: readonly PlannedTable[];
}

/** `titanflow plan FILE`: says what would happen. Changes nothing; asks service and stores only by reading, if they are there. */
export async function plan(
  file: string,
  options: { readonly param: readonly string[]; readonly json?: boolean },
): Promise<void> {
  const pipeline = await readPipeline(file);
  const params = readParams(file, pipeline, options.param, pipeline.schedule?.params);
  const outlines = outlineSteps(pipeline, params);
  const rpm = loadRequestsPerMinute();
  const { tasks, notLooked } = await lookForTasks(outlines);
  const costs = costsOf(outlines, rpm, pipeline.maxExecutions);
  const planned: Plan = {
    pipeline: pipeline.name,
    requestsPerMinute: rpm,
    steps: await withTables(outlines, tasks),
    costs,
    ...scheduleOf(pipeline.schedule, costs, rpm),
    ...(notLooked === undefined ? {} : { tasksNotLooked: notLooked }),
  };
  print(options.json === true ? JSON.stringify(planned) : showPlan(shown(planned)));
}

function scheduleOf(schedule: ScheduleSpec | undefined, costs: Costs, rpm: number): Pick<Plan, 'schedule'> {
  if (schedule === undefined) return {};
  return { schedule: { ...scheduleCosts(schedule, costs, rpm), clockChanges: clockChangesOf(schedule, new Date()) } };
}

async function withTables(
  outlines: readonly StepOutline[],
  tasks: ReadonlyMap<string, PlannedTask>,
): Promise<readonly PlannedStep[]> {
  const config = loadStoresConfig();
  const stores = openStores(config, loadAgents());
  const tables = createTablePlanner(config, stores);
  try {
    return await Promise.all(
      outlines.map(async (outline) => {
        const { name, level, after, forEach, executions, options } = outline;
        const task = tasks.get(name);
        const schema = schemaOf(outline, task);
        return {
          name,
          level,
          after,
          ...(forEach ? { forEach } : {}),
          ...(executions === undefined ? {} : { executions, requests: requestsOf(outline) }),
          ...(task ? { task } : {}),
          tables: await Promise.all(
            (options.publish ?? []).map((publication) =>
              tables.plan(publication, outline.pipeline, schema, options.records),
            ),
          ),
        };
      }),
    );
  } finally {
    await stores.close();
  }
}
