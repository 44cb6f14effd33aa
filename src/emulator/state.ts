import { ApiError } from './envelope.js';
import { drawMs } from './duration.js';
import { createExecution, executionView, type Execution } from './execution.js';
import { createRandom, seedOf, type Random } from './random.js';
import { createFaultPlan, type FaultPlan } from './faults.js';
import { createRateLimit, type RateLimit } from './rate-limit.js';
import type { RateLimitChanges } from './rate-limit-settings.js';
import { resolveScenario, type ResolvedScenario, type Scenario } from './scenario.js';
import { scriptFor, type Script } from './script.js';
import type { JsonObject } from './json.js';
import { nameOf, taskView, type Task } from './task.js';

/** Everything an emulator remembers. Maps keep the order of creation, also when an entry is replaced. */
export interface State {
  readonly seed: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly tasks: Map<string, Task>;
  readonly executions: Map<string, Execution>;
  readonly rateLimit: RateLimit;
  /** For what executions draw at their creation. */
  readonly lots: Random;
  scenario(): ResolvedScenario;
  faults(): FaultPlan;
  /** For executions created, and requests made, from now on. @throws Error that names every wrong key */
  setScenario(scenario: Scenario): void;
}

export interface StateOptions {
  readonly seed: number;
  readonly scenario: Scenario;
  /** Where the scenario has settings of its own, those count. */
  readonly rateLimit: RateLimitChanges;
  readonly now: () => number;
}

/** @throws Error that names every wrong key */
export function createState({ seed, scenario: initial, rateLimit: limits, now }: StateOptions): State {
  let scenario = resolveScenario(initial, 'scenario');
  const rateLimit = createRateLimit({ ...limits, ...scenario.rateLimit });
  let faults = createFaultPlan(scenario.faults, now(), createRandom(seed));

  return {
    seed,
    now,
    tasks: new Map(),
    executions: new Map(),
    rateLimit,
    // Not the numbers that faults are drawn from, or long executions would meet the same faults at every start.
    lots: createRandom(seedOf(`lives ${seed}`)),
    scenario: () => scenario,
    faults: () => faults,
    setScenario(next) {
      scenario = resolveScenario(next, 'scenario');
      if (scenario.rateLimit) rateLimit.change(scenario.rateLimit);
      faults = createFaultPlan(scenario.faults, now(), createRandom(seed));
    },
  };
}

/** @throws ApiError 404 */
export function findTask(state: State, id: string): Task {
  const task = state.tasks.get(id);
  if (task) return task;
  throw new ApiError(404, `there is no task ${id}`);
}

/** A task that can be changed and run. @throws ApiError 404 */
export function findLiveTask(state: State, id: string): Task {
  const task = findTask(state, id);
  if (task.status !== 'deleted') return task;
  throw new ApiError(404, `task ${id} is deleted`);
}

/** @throws ApiError 404 */
export function findExecution(state: State, id: string): Execution {
  const execution = state.executions.get(id);
  if (execution) return execution;
  throw new ApiError(404, `there is no execution ${id}`);
}

/** Starts an execution of a task, as the scenario has it for tasks of that name. */
export function startExecution(state: State, task: Task, secretNames: readonly string[]): Execution {
  const script = scriptOf(state, task);
  const totalMs = drawMs(script.seconds, state.lots);
  const execution = createExecution(task, script, totalMs, secretNames, state.now());
  state.executions.set(execution.id, execution);
  return execution;
}

export function scriptOf(state: State, task: Task): Script {
  return scriptFor(state.scenario(), nameOf(task));
}

/** An execution as the API shows it at `at`. */
export function showExecution(state: State, execution: Execution, at = state.now()): JsonObject {
  return shown(
    state,
    executionView(execution, at, (time) => timeText(state, time)),
  );
}

export function showTask(state: State, task: Task): JsonObject {
  return shown(
    state,
    taskView(task, (time) => timeText(state, time)),
  );
}

/** The time as the service has it. */
export function serviceTime(state: State, at = state.now()): number {
  return at + state.scenario().clockSkewSeconds * 1000;
}

/** A moment as the API writes it. */
export function timeText(state: State, at: number): string {
  return new Date(serviceTime(state, at)).toISOString();
}

/** The moment that lists show: they may lag behind. */
export function listedAt(state: State): number {
  return state.now() - state.scenario().listLagSeconds * 1000;
}

const TIMES = ['created_at', 'updated_at', 'started_at', 'finished_at'];

function shown(state: State, view: JsonObject): JsonObject {
  const { timestamps, hidden } = state.scenario();
  const without = timestamps ? hidden : [...TIMES, ...hidden];
  if (without.length === 0) return view;
  return Object.fromEntries(Object.entries(view).filter(([field]) => !without.includes(field)));
}
