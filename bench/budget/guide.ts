import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Contestant, Ground } from './contestant.js';
import { definitionOf, DURATIONS, kindOf } from './load.js';

const createdSchema = z.object({ data: z.object({ id: z.string() }) });
const executionSchema = z.object({
  data: z.object({ id: z.string(), status: z.string(), finished_at: z.string().nullish() }),
});

/**
 * The loop of the vendor's guide, as many of them at once as there are runs open: start a run, ask for it every 3 s,
 * export. The guide's code ends with an error on 429; here it waits for 3 s and sends the request again.
 */
export const guide: Contestant = async (ground) => {
  const { load } = ground;
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const call = createCalls(ground, over.signal);
  const tasks: string[] = [];
  for (let kind = 0; kind < DURATIONS.length; kind++) {
    const created = createdSchema.parse(await (await call('POST', '/tasks', definitionOf(kind))).json());
    tasks.push(created.data.id);
  }
  let started = 0;
  async function loop(): Promise<void> {
    while (!over.signal.aborted) {
      const task = tasks[kindOf(started++)] ?? '';
      let execution = executionSchema.parse(await (await call('POST', `/tasks/${task}/run`)).json()).data;
      while (['queued', 'running', 'paused'].includes(execution.status)) {
        await sleep(3_000 / load.speed, undefined, { signal: over.signal });
        execution = executionSchema.parse(await (await call('GET', `/executions/${execution.id}`)).json()).data;
      }
      ground.onEndSeen(Date.parse(execution.finished_at ?? ''));
      await (await call('GET', `/executions/${execution.id}/results/export`)).arrayBuffer();
    }
  }
  const loops = Promise.allSettled(Array.from({ length: load.open }, loop));
  return {
    async stop() {
      over.abort();
      await loops;
    },
  };
};

function createCalls({ account, load }: Ground, signal: AbortSignal) {
  return async function call(method: string, path: string, body?: object): Promise<Response> {
    for (;;) {
      const response = await fetch(`${account.url}/api/v1${path}`, {
        method,
        headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (response.ok) return response;
      const text = await response.text();
      if (response.status !== 429) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      await sleep(3_000 / load.speed, undefined, { signal });
    }
  };
}
