import type PQueue from 'p-queue';
import type { Staging } from '../staging/staging.js';
import type { Stores } from '../stores/open-stores.js';
import type { TaskEnsurer } from '../task-service/ensure-task.js';
import type { OwnTasks } from '../task-service/own-tasks.js';
import type { TaskService } from '../task-service/task-service.js';
import type { Watcher } from '../task-service/watcher/watcher.js';
import { createWaiting } from './await-execution.js';
import { createControl } from './control-execution.js';
import { createExporting } from './export-results.js';
import type { KnownTasks } from './known-task.js';
import { createLastRows } from './last-rows.js';
import { createPreparations } from './prepare-run.js';
import { createPublishing } from './publish-rows.js';
import { createOwnerWatch } from './owner-workflows.js';
import type { Owners } from './owners.js';
import { createRelay } from './relay-update.js';
import type { Secrets } from './secrets.js';
import { createSubmission } from './submit-run.js';
import { createSweeping } from './sweep-executions.js';

export interface ActivityDependencies {
  readonly service: TaskService;
  readonly tasks: TaskEnsurer;
  readonly ownTasks: OwnTasks;
  readonly knownTasks: KnownTasks;
  readonly watcher: Watcher;
  /** Exports are heavy: few at a time. Those that wait their turn hold no slot that another activity needs. */
  readonly exportTurns: Pick<PQueue, 'add'>;
  /** The same for publications from a place that all workers reach. */
  readonly publishTurns: Pick<PQueue, 'add'>;
  readonly stores: Stores;
  readonly staging: Staging;
  readonly secrets: Secrets;
  readonly owners: Owners;
}

/** The activities of each task queue (see domain/ids.ts): what waits, what is heavy, and the rest are kept apart. */
export function createActivities(dependencies: ActivityDependencies) {
  const { findOwner, awaitOwner } = createOwnerWatch();
  const publishing = createPublishing(dependencies);
  return {
    main: {
      ...createPreparations(dependencies),
      ...createControl(dependencies),
      ...createLastRows(dependencies),
      findOwner,
      ...createRelay(),
    },
    wait: {
      ...createSubmission(dependencies),
      ...createWaiting(dependencies),
      awaitOwner,
      ...createSweeping(dependencies),
    },
    data: { ...createExporting(dependencies), ...publishing },
    staging: publishing,
  };
}

type ActivitiesByQueue = ReturnType<typeof createActivities>;

export type MainActivities = ActivitiesByQueue['main'];
export type WaitActivities = ActivitiesByQueue['wait'];
export type DataActivities = ActivitiesByQueue['data'];
export type StagingActivities = ActivitiesByQueue['staging'];
