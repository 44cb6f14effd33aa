import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { SweepResult } from '../../src/domain/orphans.js';
import { runCli } from '../helpers/cli.js';
import { openWorkplace, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let scheduleId: string;
let env: Record<string, string>;

beforeAll(async () => {
  place = await openWorkplace();
  const { taskQueue } = place.config;
  scheduleId = `sweep/${taskQueue}`;
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: taskQueue };
});

afterAll(async () => {
  await place.client.schedule.getHandle(scheduleId).delete();
  await place.close();
});

function sweep(...args: string[]) {
  return runCli(['schedule', 'sweep', ...args], { env });
}

describe('schedule sweep', () => {
  it('creates the schedule, says what it does, and warns that no worker is there', async () => {
    const run = await sweep();
    expect(run.code).toBe(0);
    expect(run.stderr).toBe(
      `no worker is on task queue ${place.config.taskQueue} yet: start one with \`titanflow worker\`\n`,
    );
    const [what, how] = run.stdout.trimEnd().split('\n');
    expect(what).toContain(
      `${scheduleId} created: every 15 minutes it reports live executions without an owner that are older than 15 minutes; next run `,
    );
    expect(how).toBe(`remove it with: titanflow schedule delete ${scheduleId}`);
    const { spec, policies, action } = await place.client.schedule.getHandle(scheduleId).describe();
    expect(spec).toMatchObject({ intervals: [{ every: 900_000 }], jitter: 30_000 });
    expect(policies).toMatchObject({ overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 });
    expect(action).toMatchObject({
      workflowType: 'sweepOrphans',
      args: [{ policy: 'report', olderThan: '15 minutes' }],
    });
  });

  it('makes the same schedule as wanted when it is there, and keeps it paused', async () => {
    await place.startWorker();
    const handle = place.client.schedule.getHandle(scheduleId);
    await handle.pause('by the test');
    const paused = await sweep('--every', '1 hour', '--policy', 'stop', '--older-than', '2h');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toContain(`${scheduleId} updated: every 1 hour it stops live executions`);
    expect(paused.stdout).toContain(`it is paused; go on with: titanflow schedule resume ${scheduleId}\n`);
    const { spec, state, action } = await handle.describe();
    expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
    expect(state).toMatchObject({ paused: true, note: 'by the test' });
    expect(action).toMatchObject({ args: [{ policy: 'stop', olderThan: '2h' }] });
    await handle.unpause();
    const again = await sweep('--every', '1 hour', '--policy', 'stop', '--older-than', '2h', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      scheduleId,
      existed: true,
      isPaused: false,
      nextRunAt: expect.stringMatching(/:00:.*Z$/),
      policy: 'stop',
      every: '1 hour',
      olderThan: '2h',
    });
  });

  it('starts sweeps that a worker completes, and `status` shows them', async () => {
    const handle = place.client.schedule.getHandle(scheduleId);
    await handle.trigger();
    const workflowId = await vi.waitFor(
      async () => {
        const [last] = (await handle.describe()).info.recentActions;
        expect(last).toBeDefined();
        return last?.action.workflow.workflowId ?? '';
      },
      { timeout: 20_000, interval: 250 },
    );
    expect(workflowId).toMatch(new RegExp(`^${scheduleId}/run-\\d{4}-`));
    const result: SweepResult = await place.client.workflow.getHandle(workflowId).result();
    expect(result).toEqual({ looked: 0, found: 0, orphans: [], isComplete: true });
    const status = await runCli(['status', workflowId], { env });
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toContain('0 live executions looked at, 0 without an owner');
  });

  it.each([
    [['--every', 'often'], 'titanflow: --every often: must be a duration such as "15 minutes" or "1 hour"\n'],
    [
      ['--older-than', '-1 hour'],
      'titanflow: --older-than -1 hour: must be a duration such as "15 minutes" or "1 hour"\n',
    ],
    [['--every', '5 seconds'], 'titanflow: --every 5 seconds: must be a minute or more'],
    [['--policy', 'kill'], "'kill' is invalid. Allowed choices are report, adopt, stop."],
  ])('refuses %j with 2', async (args, message) => {
    const run = await sweep(...args);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });

  it('ends with 3 where no Temporal server answers', async () => {
    const run = await runCli(['schedule', 'sweep'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('titanflow: no Temporal server answers at 127.0.0.1:9; ');
  });
});
