import { randomUUID } from 'node:crypto';
import { createServers, type ClockSettings } from './clock.js';
import { ApiError } from './envelope.js';
import { drawMs } from './duration.js';
import { createExecution, type Execution } from './execution.js';
import { createRandom, seedOf, type Random } from './random.js';
import { createFaultPlan, type FaultPlan } from './fault-plan.js';
import { createRateLimit, type RateLimit } from './rate-limit.js';
import type { RateLimitChanges } from './rate-limit-settings.js';
import { resolveScenario, type ResolvedScenario, type Scenario } from './scenario.js';
import { scriptFor, type Script } from './script.js';
import { nameOf, type Task } from './task.js';

/** Everything an emulator remembers. Maps keep the order of creation, also when an entry is replaced. */
export interface State {
  readonly seed: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly startedAt: number;
  /** Differs from that of any other emulator. */
  readonly origin: string;
  readonly tasks: Map<string, Task>;
  readonly executions: Map<string, Execution>;
  /** Tasks of other people, as far as lists have shown them. */
  readonly others: Map<string, Task>;
  readonly rateLimit: RateLimit;
  /** For what executions draw at their creation. */
  readonly lots: Random;
  scenario(): ResolvedScenario;
  scenarioSetAt(): number;
  /** How far the clock is ahead of the server that gets the next request, in milliseconds. */
  nextServer(clock: ClockSettings): number;
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
  let setAt = now();
  // One row of numbers for all scenarios: each would otherwise hit the same requests after it is set.
  const faultLots = createRandom(seed);
  let faults = createFaultPlan(scenario.faults, setAt, faultLots);

  return {
    seed,
    now,
    startedAt: setAt,
    origin: randomUUID(),
    tasks: new Map(),
    others: new Map(),
    executions: new Map(),
    rateLimit,
    // Not the numbers that faults are drawn from, or long executions would meet the same faults at every start.
    lots: createRandom(seedOf(`lives ${seed}`)),
    scenario: () => scenario,
    scenarioSetAt: () => setAt,
    nextServer: createServers(),
    faults: () => faults,
    setScenario(next) {
      scenario = resolveScenario(next, 'scenario');
      if (scenario.rateLimit) rateLimit.change(scenario.rateLimit);
      setAt = now();
      faults = createFaultPlan(scenario.faults, setAt, faultLots);
    },
  };
}

/** @throws ApiError 404 */
export function findTask(state: State, id: string): Task {
  const known = knownId(state, id);
  const task = state.tasks.get(known) ?? state.others.get(known);
  if (task) return task;
  throw new ApiError(404, `there is no task ${id}`);
}

/** A task that can be changed and run. @throws ApiError 404 */
export function findLiveTask(state: State, id: string): Task {
  const task = findTask(state, id);
  if (task.status !== 'deleted') return task;
  throw new ApiError(404, `task ${id} is deleted`);
}

/** @throws ApiError 404, or the status that the scenario has for it */
export function findExecution(state: State, id: string): Execution {
  const execution = state.executions.get(knownId(state, id));
  if (!execution) throw new ApiError(404, `there is no execution ${id}`);
  const { alwaysFails } = execution.odd ?? {};
  if (alwaysFails === undefined) return execution;
  throw new ApiError(alwaysFails, `execution ${id} cannot be read`);
}

/** The id as it was given out first, where lists write it otherwise. */
export function knownId(state: State, id: string): string {
  return state.scenario().idCase ? id.toLowerCase() : id;
}

/**
 * Starts an execution of a task, as the scenario has it for tasks of that name.
 *
 * @param serverMs how far the clock is ahead of the server that does it
 * @throws ApiError when the task is paused
 */
export function startExecution(
  state: State,
  task: Task,
  secretNames: readonly string[],
  serverMs: number | undefined,
): Execution {
  if (task.status === 'paused') throw new ApiError(state.scenario().pausedStatus, `task ${task.id} is paused`);
  const script = scriptOf(state, task);
  const totalMs = drawMs(script.seconds, state.lots);
  const execution = createExecution(task, script, totalMs, secretNames, state.now(), creationMs(state, serverMs));
  state.executions.set(execution.id, execution);
  return execution;
}

export function scriptOf(state: State, task: Task): Script {
  return scriptFor(state.scenario(), nameOf(task));
}

/** How far the clock is ahead that stamps what is created now. */
export function creationMs(state: State, serverMs = 0): number {
  return state.scenario().clock.createdSeconds * 1000 + serverMs;
}

/** The time as the service has it. */
export function serviceTime(state: State, at = state.now()): number {
  return at + state.scenario().clockSkewSeconds * 1000;
}

/** The moment that lists show: they may lag behind. */
export function listedAt(state: State): number {
  return state.now() - state.scenario().listLagSeconds * 1000;
}
