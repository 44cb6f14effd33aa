import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/activities.js';
import { createWaiting, type WaitMark } from '../../src/activities/await-execution.js';
import { createBudget } from '../../src/task-service/budget/budget.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { createWatcher } from '../../src/task-service/watcher/watcher.js';
import { startServer } from '../helpers/http-server.js';

const closes: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closes.splice(0).map((close) => close()));
});

/** One attempt of the wait, after others whose last mark was this one. */
async function waitAfter(mark: WaitMark | undefined): Promise<{ failure: unknown; marks: WaitMark[] }> {
  const server = await startServer((_, response) =>
    response.writeHead(404).end('{"success":false,"error":{"code":"NOT_FOUND","message":"no such execution"}}'),
  );
  closes.push(() => server.close());
  const service = createTaskService({ url: server.url, token: 't' });
  const watcher = createWatcher({ service, hasBetterToDo: () => false });
  const budget = createBudget({ limit: 0 });
  const dependencies = { watcher, budget } as Partial<ActivityDependencies> as ActivityDependencies;
  const { awaitExecution } = createWaiting(dependencies);
  const info = { attempt: 30, scheduledTimestampMs: Date.now() - 5 * 3_600_000, heartbeatDetails: mark };
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  const marks: WaitMark[] = [];
  environment.on('heartbeat', (details: WaitMark | undefined) => details && marks.push(details));
  const input = { executionId: 'e1', giveUpAfterMs: 24 * 3_600_000 };
  const failure: unknown = await environment.run(awaitExecution, input).catch((thrown: unknown) => thrown);
  return { failure, marks };
}

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

describe('an execution that the service does not know', () => {
  it('is asked for again, and since when is remembered', async () => {
    const { failure, marks } = await waitAfter(undefined);
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: false });
    expect(marks.at(-1)?.outage).toMatchObject({ looks: 1, reason: expect.stringContaining('no such execution') });
  });

  it.each([
    ['a while', 14, false],
    ['a quarter of an hour', 15, true],
  ])('for %s is given up only when that is over, however often it was asked for', async (_, minutes, isFinal) => {
    const since = minutesAgo(minutes);
    const { failure, marks } = await waitAfter({ missing: { since, looks: 40 } });
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: isFinal, details: [{ executionId: 'e1' }] });
    expect(marks.at(-1)?.missing).toEqual({ since, looks: 41 });
  });

  it('right after an outage of an hour is asked for again', async () => {
    const outage = { since: minutesAgo(60), looks: 60, reason: '502' };
    const { failure, marks } = await waitAfter({ outage });
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: false });
    expect(marks.at(-1)).toMatchObject({ missing: { looks: 1 }, outage: { since: outage.since, looks: 61 } });
  });
});
