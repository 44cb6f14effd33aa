import { cutForeign } from '../domain/foreign-text.js';
import type { JsonObject } from '../domain/json.js';
import type { Told } from './budget/budget.js';
import { laneOf } from './budget/lane-of.js';
import type { Lane } from './budget/lanes.js';
import type { ExportFormat, TaskDefinition } from '../domain/run.js';
import { factsOf, type Call } from './call.js';
import { describeResults, readableExecution, readableTask } from './foreign-texts.js';
import { openExport, type ExportStream } from './export-stream.js';
import type { Page } from './read-through.js';
import { isSpellingOf } from './same-id.js';
import type { ServiceClock } from './service-clock.js';
import { TaskServiceError } from './task-service-error.js';
import { createTransport, type TransportOptions } from './transport.js';
import { executionSchema, readList, taskSchema, type Execution, type Task } from './wire.js';
import type { z } from 'zod';

/**
 * Titan's Task Service. Every call makes one attempt and throws {@link TaskServiceError}; whoever calls decides whether
 * and when to try again.
 */
export interface TaskService {
  readonly clock: ServiceClock;
  readonly tasks: {
    create(definition: TaskDefinition, signal?: AbortSignal): Promise<Task>;
    get(taskId: string, signal?: AbortSignal): Promise<Task>;
    list(page: Page, signal?: AbortSignal): Promise<Task[]>;
    /** One that is gone already is refused with 404. */
    delete(taskId: string, signal?: AbortSignal): Promise<void>;
    /** Waits until a run may be sent, which must then be sent at once. @throws the signal's reason */
    turnToRun(signal: AbortSignal): Promise<Told>;
    /**
     * Starts an execution: billed, and there is no idempotency key. Not to be broken off: it ends within 15 s, well
     * below an activity's heartbeat timeout, so that it is over when another attempt begins.
     *
     * @param told from `turnToRun`; left out: it waits for its turn first, which may take long
     */
    run(taskId: string, secretPayload?: Readonly<Record<string, string>>, told?: Told): Promise<Execution>;
  };
  readonly executions: {
    /**
     * Reads an execution under the id that was asked for, however the answer spells it.
     *
     * @param lane default `control`: somebody wants to know now
     */
    get(executionId: string, signal?: AbortSignal, lane?: Lane): Promise<Execution>;
    /** Reads an execution under the id as the service itself writes it. */
    asShown(executionId: string, signal?: AbortSignal): Promise<Execution>;
    /** @param lane default `poll` */
    list(page: Page, signal?: AbortSignal, lane?: Lane): Promise<Execution[]>;
    /** The run history of one task. */
    ofTask(taskId: string, page: Page, signal?: AbortSignal): Promise<Execution[]>;
    pause(executionId: string, signal?: AbortSignal): Promise<void>;
    resume(executionId: string, signal?: AbortSignal): Promise<void>;
    stop(executionId: string, signal?: AbortSignal): Promise<void>;
  };
  readonly results: {
    /** Field names are not documented: passed on as they come. */
    metadata(executionId: string, signal?: AbortSignal): Promise<JsonObject>;
    /** Sums the metadata up in a few words; empty where it says nothing that can be told. */
    describe(executionId: string, signal?: AbortSignal): Promise<string>;
    /** JSON by `…/results/export`, CSV by `…/results/download`: both documented, both raw bytes. */
    export(executionId: string, format: ExportFormat, signal?: AbortSignal): Promise<ExportStream>;
  };
}

const RUN_TIMEOUT_MS = 15_000;

export function createTaskService(options: TransportOptions): TaskService {
  const transport = createTransport(options);
  const { foreignText = cutForeign } = options;
  const readable = (execution: Execution): Execution => readableExecution(execution, foreignText);

  async function one<Item>(call: Call, schema: z.ZodType<Item>): Promise<Item> {
    const parsed = schema.safeParse(await transport.json(call));
    if (parsed.success) return parsed.data;
    throw unreadable(call, `no ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')} in the answer`);
  }

  /**
   * Creates something, and learns the service's clock from the time in the answer. The budget is asked first, so that
   * little time lies between sending and creation.
   */
  async function created<Item extends { readonly created_at?: unknown }>(
    call: Call,
    schema: z.ZodType<Item>,
  ): Promise<Item> {
    const told = call.told ?? (await transport.turn(laneOf(call.method, call.path), call.signal));
    const sentAt = Date.now();
    const item = await one({ ...call, told }, schema);
    transport.clock.observeCreation(item.created_at, sentAt);
    return item;
  }

  async function execution(id: string, signal?: AbortSignal, lane: Lane = 'control'): Promise<Execution> {
    const call: Call = { method: 'GET', path: `/executions/${segment(id)}`, signal, lane };
    const shown = await one(call, executionSchema);
    if (isSpellingOf(shown.id, id)) return readable(shown);
    throw unreadable(call, `the answer is about another execution, ${shown.id}`);
  }

  async function many<Item>(call: Call, schema: z.ZodType<Item>): Promise<Item[]> {
    const list = readList(await transport.json(call), schema);
    if (list) return list;
    throw unreadable(call, 'no list in the answer, or one of more than 50,000 elements');
  }

  async function control(executionId: string, verb: string, signal?: AbortSignal): Promise<void> {
    await transport.json({ method: 'POST', path: `/executions/${segment(executionId)}/${verb}`, signal });
  }

  async function metadata(executionId: string, signal?: AbortSignal): Promise<JsonObject> {
    const path = `/executions/${segment(executionId)}/results`;
    const data = await transport.json({ method: 'GET', path, signal });
    return typeof data === 'object' && data !== null ? { ...data } : {};
  }

  return {
    clock: transport.clock,
    tasks: {
      create: async (definition, signal) =>
        created({ method: 'POST', path: '/tasks', body: definition, signal }, taskSchema),
      get: async (taskId, signal) =>
        readableTask(await one({ method: 'GET', path: `/tasks/${segment(taskId)}`, signal }, taskSchema), foreignText),
      list: async (page, signal) => many({ method: 'GET', path: `/tasks${query(page)}`, signal }, taskSchema),
      async delete(taskId, signal) {
        await transport.json({ method: 'DELETE', path: `/tasks/${segment(taskId)}`, signal });
      },
      turnToRun: (signal) => transport.turn('submit', signal),
      run: async (taskId, secretPayload, told) =>
        created(
          {
            method: 'POST',
            path: `/tasks/${segment(taskId)}/run`,
            ...(secretPayload ? { body: { secret_payload: secretPayload } } : {}),
            timeoutMs: RUN_TIMEOUT_MS,
            ...(told ? { told } : {}),
          },
          executionSchema,
        ),
    },
    executions: {
      get: async (id, signal, lane) => ({ ...(await execution(id, signal, lane)), id }),
      asShown: execution,
      list: async (page, signal, lane = 'poll') =>
        (await many({ method: 'GET', path: `/executions${query(page)}`, signal, lane }, executionSchema)).map(readable),
      ofTask: async (taskId, page, signal) =>
        (
          await many(
            { method: 'GET', path: `/tasks/${segment(taskId)}/executions${query(page)}`, signal },
            executionSchema,
          )
        ).map(readable),
      pause: async (id, signal) => control(id, 'pause', signal),
      resume: async (id, signal) => control(id, 'resume', signal),
      stop: async (id, signal) => control(id, 'stop', signal),
    },
    results: {
      metadata,
      describe: async (id, signal) => describeResults(await metadata(id, signal), foreignText),
      async export(id, format, signal) {
        const path = `/executions/${segment(id)}/results/${format === 'csv' ? 'download' : 'export'}`;
        const call: Call = { method: 'GET', path, signal };
        return openExport(call, await transport.file(call), format, foreignText);
      },
    },
  };
}

function unreadable(call: Call, reason: string): TaskServiceError {
  return new TaskServiceError({ ...factsOf(call), status: 200, mayHaveTakenEffect: true }, reason);
}

/** An id of dots would be taken for a step up in the path, encoded or not. */
function segment(id: string): string {
  if (/^\.{0,2}$/.test(id)) {
    const facts = { method: 'GET', path: '/api/v1', status: 404, isEnvelope: true, mayHaveTakenEffect: false };
    throw new TaskServiceError(facts, `"${id}" is not an id`);
  }
  return encodeURIComponent(id);
}

function query(page: Page): string {
  const params = new URLSearchParams();
  if (page.limit !== undefined) params.set('limit', String(page.limit));
  if (page.offset !== undefined) params.set('offset', String(page.offset));
  if (page.sort !== undefined) params.set('sort', page.sort);
  return params.size === 0 ? '' : `?${params.toString()}`;
}
