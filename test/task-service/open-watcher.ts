import { setMaxListeners } from 'node:events';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import type { RateLimitChanges } from '../../src/emulator/rate-limit-settings.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { createBudget } from '../../src/task-service/budget/budget.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { createWatcher, type Watcher } from '../../src/task-service/watcher/watcher.js';
import type { Execution } from '../../src/task-service/wire.js';
import { PRODUCT_TASK } from '../helpers/workplace.js';

/** So much faster than life the service is. */
export const SPEED = 10;

/** A watcher before a service of its own. */
export interface WatcherPlace {
  readonly emulator: Emulator;
  readonly service: TaskService;
  readonly watcher: Watcher;
  /** Ends all waits. */
  readonly controller: AbortController;
  /** Starts an execution and returns its id. */
  start(): Promise<string>;
  watch(executionId: string, onTrouble?: (error: unknown) => void): Promise<Execution>;
  count(route: string): number;
  close(): Promise<void>;
}

/** @param rateLimit requests in a minute of the service's life, and how it counts them; default: no limit */
export async function openWatcher(
  scenario: Scenario,
  rateLimit: RateLimitChanges = { limit: 0 },
): Promise<WatcherPlace> {
  const windowSeconds = 60 / SPEED;
  const emulator = await startEmulator({ rateLimit: { windowSeconds, ...rateLimit }, scenario });
  const budget = createBudget({ limit: rateLimit.limit ?? 0, windowMs: windowSeconds * 1000 });
  const service = createTaskService({ url: emulator.url, token: 'any', budget });
  const task = await service.tasks.create(PRODUCT_TASK);
  const watcher = createWatcher({ service, hasBetterToDo: () => false, speed: SPEED });
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return {
    emulator,
    service,
    watcher,
    controller,
    start: async () => (await service.tasks.run(task.id)).id,
    watch: (executionId, onTrouble = () => undefined) =>
      watcher.watch({
        executionId,
        signal: controller.signal,
        until: () => false,
        onLook: () => undefined,
        onTrouble,
      }),
    count: (route) => emulator.ledger().counts[route] ?? 0,
    async close() {
      controller.abort(new Error('closed'));
      await emulator.close();
    },
  };
}
