import type { OpenAgents } from '../notices/send-webhook.js';
import type { Staging } from '../staging/staging.js';
import type { Stores } from '../stores/open-stores.js';
import type { Budget } from '../task-service/budget/budget.js';
import type { TaskEnsurer } from '../task-service/ensure-task.js';
import type { OwnTasks } from '../task-service/own-tasks.js';
import type { TaskService } from '../task-service/task-service.js';
import type { Watcher } from '../task-service/watcher/watcher.js';
import { createWaiting } from './await-execution.js';
import { createTaskWaiting } from './await-task.js';
import { createControl } from './control-execution.js';
import { createStepPreparation } from './for-each/prepare-for-each.js';
import { createPlanning } from './for-each/plan-batches.js';
import { createStepPublishing } from './for-each/publish-batches.js';
import { createBatchPreparation } from './for-each/ready-batches.js';
import { createTaskRemoval } from './for-each/remove-tasks.js';
import { createExporting } from './export-results.js';
import type { KnownTasks } from './known-task.js';
import { createLastRows } from './last-rows.js';
import { createPreparations } from './prepare-run.js';
import { createPublishing } from './publish-rows.js';
import { createOwnerWatch } from './owner-workflows.js';
import type { Owners } from './owners.js';
import { createNotices } from './tell-failure.js';
import { createJoining } from './earlier-run/join-child.js';
import { createEarlierRuns } from './earlier-run/read-earlier-run.js';
import { createRelay } from './relay-update.js';
import type { Secrets } from './secrets.js';
import { createSubmission } from './submit-run.js';
import { createSweeping } from './sweep-executions.js';
import type { Turns } from './turns.js';

export interface ActivityDependencies {
  readonly service: TaskService;
  readonly tasks: TaskEnsurer;
  readonly ownTasks: OwnTasks;
  readonly knownTasks: KnownTasks;
  readonly watcher: Watcher;
  /** Only looked at: the service asks it by itself. */
  readonly budget: Pick<Budget, 'state'>;
  /** Exports are heavy: few at a time. Those that wait, for their turn or for bytes, hold nothing that another one needs. */
  readonly exportTurns: Pick<Turns, 'run'>;
  /** Turns of publications, by store and table. */
  readonly publishTurns: Pick<Turns, 'run'>;
  readonly stores: Stores;
  readonly staging: Staging;
  readonly secrets: Secrets;
  /** Opens the connections' agents of webhooks. Default: they go straight there. */
  readonly openAgents?: OpenAgents | undefined;
  /** Called when a step is planned again here, because nobody served the directory where it had its files. */
  readonly onMoved?: () => void;
  readonly owners: Owners;
  /** Aborts when the worker is told to stop, also for those whose workflow is cancelled or closed. */
  readonly shutdown: AbortSignal;
}

/** The activities of each task queue (see domain/ids.ts): what waits, what is heavy, and the rest are kept apart. */
export function createActivities(dependencies: ActivityDependencies) {
  const { findOwner, awaitOwner } = createOwnerWatch();
  const stagingWork = {
    ...createExporting(dependencies),
    ...createPublishing(dependencies),
    ...createPlanning(dependencies),
    ...createBatchPreparation(dependencies),
    ...createStepPublishing(dependencies),
    ...createTaskRemoval(dependencies),
  };
  return {
    main: {
      ...createPreparations(dependencies),
      ...createStepPreparation(dependencies),
      ...createControl(dependencies),
      ...createLastRows(dependencies),
      findOwner,
      ...createRelay(),
      ...createEarlierRuns(dependencies),
      ...createNotices(dependencies),
    },
    wait: {
      ...createSubmission(dependencies),
      ...createWaiting(dependencies),
      ...createTaskWaiting(dependencies),
      awaitOwner,
      ...createJoining(dependencies),
      ...createSweeping(dependencies),
    },
    data: stagingWork,
    /** The same for those who must reach one staging directory. */
    staging: stagingWork,
  };
}

type ActivitiesByQueue = ReturnType<typeof createActivities>;

export type MainActivities = ActivitiesByQueue['main'];
export type WaitActivities = ActivitiesByQueue['wait'];
export type DataActivities = ActivitiesByQueue['data'];
export type StagingActivities = ActivitiesByQueue['staging'];
