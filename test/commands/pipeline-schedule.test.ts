import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCli, startCli } from '../helpers/cli.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let directory: string;
let env: Record<string, string>;
/** Of this run of the tests: the server may be somebody else's. */
const own = crypto.randomUUID().slice(0, 8);
const made = new Set<string>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-schedule-'));
  place = await openWorkplace();
  await place.startWorker();
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
});

afterAll(async () => {
  for (const name of made)
    await handleOf(name)
      .delete()
      .catch(() => undefined);
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

const TIMED = { ...PRODUCT_TASK, urls: ['https://example.com/?at=${run.scheduledTime}'] };

async function fileOf(
  name: string,
  schedule: object | undefined,
  { task = TIMED, ...more }: { task?: object; params?: object } = {},
) {
  made.add(name);
  const file = join(directory, `${name}.json`);
  const publish = [{ store: 'local', table: name, mode: 'append' }];
  await writeFile(file, JSON.stringify({ name, steps: { only: { task, publish } }, schedule, ...more }));
  return file;
}

function handleOf(name: string) {
  return place.client.schedule.getHandle(`pipeline/${name}`);
}

function schedule(...args: string[]) {
  return runCli(['schedule', ...args], { env });
}

describe('schedule apply', () => {
  it('makes a schedule that never pays for a burst, and finds it as it is the next time', async () => {
    const name = `made-${own}`;
    const file = await fileOf(name, {
      cron: ['0 * * * *', '30 2 * * mon'],
      timezone: 'Europe/Berlin',
      paused: true,
      onFailure: { webhook: 'https://example.com/told' },
    });
    const first = await schedule('apply', file);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.split('\n')).toEqual([
      `pipeline/${name} is new:`,
      '  cron        0 * * * *, 30 2 * * mon',
      '  interval    none',
      '  timezone    Europe/Berlin',
      '  overlap     skip',
      '  catchup     1 minute',
      '  jitter      none',
      '  params      none',
      `  task queue  ${place.config.taskQueue}`,
      `pipeline/${name} created; it is paused, go on with: titanflow schedule resume ${name}`,
      '',
    ]);
    const { policies, action, state } = await handleOf(name).describe();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
    expect(action).toMatchObject({ workflowType: 'runPipeline', workflowId: `pipeline/${name}/scheduled` });
    expect(state.paused).toBe(true);
    // The schedule itself is not part of what a run starts with, its notice is.
    const [input] = action.args as [{ pipeline: object }];
    expect(Object.keys(input.pipeline)).toEqual(['name', 'steps', 'onFailure']);

    const again = await schedule('apply', file, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ result: 'up to date', changes: [], isPaused: true });
  });

  it('shows what changes, and nothing else, and leaves a schedule paused that somebody has paused', async () => {
    const name = `changed-${own}`;
    await schedule('apply', await fileOf(name, { interval: '1 hour' }));
    await handleOf(name).pause('the shop is closed');
    const changed = await fileOf(
      name,
      { interval: '90 minutes', overlap: 'bufferOne', catchup: '1 hour', params: { shop: 'b' }, jitter: '30s' },
      { task: { ...TIMED, objective: 'Extract more' }, params: { shop: { default: 'a' } } },
    );
    const update = await schedule('apply', changed, '--json');
    expect(JSON.parse(update.stdout)).toEqual({
      scheduleId: `pipeline/${name}`,
      result: 'updated',
      isPaused: true,
      changes: [
        { what: 'interval', from: '1 hour', to: '90 minutes' },
        { what: 'overlap', from: 'skip', to: 'bufferOne' },
        { what: 'catchup', from: '1 minute', to: '1 hour' },
        { what: 'jitter', from: 'none', to: '30 seconds' },
        { what: 'params', from: 'none', to: '{"shop":"b"}' },
        { what: "pipeline's params", from: 'none', to: 'new' },
        { what: 'step only', from: 'as it was', to: 'changed' },
      ],
    });
    expect((await handleOf(name).describe()).state).toMatchObject({ paused: true, note: 'the shop is closed' });

    const resumed = await fileOf(name, { interval: '90 minutes', paused: false });
    expect((await schedule('apply', resumed)).stdout).toMatch(/ paused +true -> false\n/);
    expect((await handleOf(name).describe()).state).toMatchObject({ paused: false });
  });

  it("refuses a file without a schedule, and leaves somebody else's alone", async () => {
    const name = `foreign-${own}`;
    const file = await fileOf(name, { interval: '1 hour' });
    const bare = await fileOf(`bare-${own}`, undefined);
    expect(await schedule('apply', bare)).toMatchObject({
      code: 2,
      stderr: `titanflow: ${bare}: there is no "schedule"; write one, such as: schedule: { cron: "0 * * * *" }\n`,
    });
    await place.client.schedule.create({
      scheduleId: `pipeline/${name}`,
      spec: { intervals: [{ every: '1 hour' }] },
      action: { type: 'startWorkflow', workflowType: 'runPipeline', taskQueue: 'none', args: [{ pipeline: { name } }] },
      state: { paused: true },
    });
    for (const command of [
      ['apply', file],
      ['delete', name, '--yes'],
      ['pause', name],
    ]) {
      expect(await schedule(...command)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`schedule "pipeline/${name}" is not one that titanflow has made`),
      });
    }
  });
});

describe('a schedule', () => {
  it('can be triggered, paused, resumed and deleted by its name or its file', async () => {
    const name = `driven-${own}`;
    const file = await fileOf(name, { interval: '1 hour', paused: true });
    await schedule('apply', file);
    const triggered = await schedule('trigger', file);
    const [, workflowId = ''] = /^(\S+) started/.exec(triggered.stdout) ?? [];
    expect(workflowId).toMatch(new RegExp(`^pipeline/${name}/scheduled-`));
    await place.client.workflow.getHandle(workflowId).result();
    expect((await schedule('resume', name)).stdout).toMatch(/goes on; next run \d{4}-/);
    expect((await schedule('pause', name, '--reason', 'too dear')).code).toBe(0);
    expect((await handleOf(name).describe()).state).toMatchObject({ paused: true, note: 'too dear' });
    expect(await schedule('delete', name)).toMatchObject({ code: 2, stderr: expect.stringContaining('say --yes') });
    expect((await schedule('delete', name, '--yes')).code).toBe(0);
    expect(await schedule('pause', name)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no schedule'),
    });
  });

  it('is listed with the run that blocks it', async () => {
    const name = `blocked-${own}`;
    place.emulator.setScenario({ seconds: 600 });
    await schedule('apply', await fileOf(name, { interval: '1 second' }));
    const listed = await vi.waitFor(
      async () => {
        const run = await schedule('list', '--json');
        const found = JSON.parse(run.stdout).find((one: { scheduleId: string }) => one.scheduleId.endsWith(name));
        expect(found).toMatchObject({ skipped: expect.any(Number), blockedBy: { fires: expect.any(Number) } });
        expect(found.skipped).toBeGreaterThan(0);
        return found;
      },
      { timeout: 40_000, interval: 500 },
    );
    expect(listed).toMatchObject({ when: 'every 1 second', overlap: 'skip', missed: 0 });
    const { workflowId } = listed.blockedBy;
    expect((await schedule('list')).stdout).toMatch(
      new RegExp(`${workflowId} runs since \\S+, \\d+ fires? (?:was|were) skipped`),
    );
    expect(await schedule('trigger', name)).toMatchObject({
      code: 1,
      stderr: `titanflow: ${workflowId} still runs, and the schedule skips what overlaps; see: titanflow watch ${workflowId}\n`,
    });
    await schedule('delete', name, '--yes');
    await place.client.workflow.getHandle(workflowId).cancel();
    await expect(place.client.workflow.getHandle(workflowId).result()).rejects.toThrow('Workflow execution cancelled');
    place.emulator.setScenario({ seconds: 1, rows: 5 });
  });
});

describe('schedule backfill', () => {
  it('starts one run for each of 20 times, pays for each once, and for none again', async () => {
    const name = `filled-${own}`;
    place.emulator.setScenario({ seconds: 0, rows: 1 });
    await schedule('apply', await fileOf(name, { interval: '1 hour', paused: true, jitter: '20 seconds' }));
    const billed = place.emulator.ledger().billed;
    const asked = ['backfill', name, '--from', '2026-01-05', '--to', '2026-01-05T20:00:00Z'];
    expect(await schedule(...asked)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`start 20 runs of ${name}? Each is paid for. There is nobody to ask: say --yes`),
    });
    expect((await schedule(...asked, '--yes')).stdout).toContain(`pipeline/${name}: 20 runs asked for`);

    const keys = Array.from({ length: 20 }, (_, hour) => `2026-01-05T${String(hour).padStart(2, '0')}:00:00Z`);
    for (const key of keys) await vi.waitFor(() => resultOf(name, key), { timeout: 120_000, interval: 500 });
    expect(place.emulator.ledger().billed - billed).toBe(20);
    // Each has a time of its own in its url, and so a task of its own.
    expect(
      new Set(
        place
          .executionsOf(TIMED.name)
          .slice(-20)
          .map(({ taskId }) => taskId),
      ).size,
    ).toBe(20);

    const more = ['backfill', name, '--from', '2026-01-05', '--to', '2026-01-05T21:00:00Z', '--yes'];
    const again = await vi.waitFor(
      async () => {
        const run = await schedule(...more);
        expect(run.code).toBe(0);
        return run;
      },
      { timeout: 30_000, interval: 1_000 },
    );
    expect(again.stderr).toContain('20 runs started before are left out');
    expect(again.stdout).toContain(': 1 run asked for');
    await vi.waitFor(() => resultOf(name, '2026-01-05T20:00:00Z'), { timeout: 60_000, interval: 500 });
    expect(place.emulator.ledger().billed - billed).toBe(21);
    const listed = JSON.parse((await runCli(['list', '--pipeline', name, '--json'], { env })).stdout);
    expect(listed).toHaveLength(20);
  }, 240_000);

  it('asks for many in chunks, and says how far it came when Ctrl-C stops it', async () => {
    const name = `chunks-${own}`;
    const nobody = { ...env, TITANFLOW_TASK_QUEUE: `nobody-${place.config.taskQueue}` };
    await runCli(['schedule', 'apply', await fileOf(name, { interval: '1 hour', paused: true })], { env: nobody });
    const ask = ['schedule', 'backfill', name, '--to', '2026-02-20', '--yes', '--from'];
    const running = startCli([...ask, '2026-01-01'], { env: nobody });
    await running.says('500 of 1200 runs asked for; the next when all of them were started');
    running.child.kill('SIGINT');
    const run = await running.ended;
    expect(run).toMatchObject({ code: 1, stdout: '' });
    const goOn = `titanflow schedule backfill ${name} --from 2026-01-21T19:00:00.001Z --to 2026-02-20T00:00:00.000Z`;
    expect(run.stderr).toContain('500 of 1200 runs are asked for, and start one after the other');
    expect(run.stderr).toContain(`when they were started, go on with: ${goOn}\n`);
    const tooSoon = await runCli([...ask, '2026-01-21T19:00:00.001Z'], { env: nobody });
    expect(tooSoon).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('still has runs that wait for their turn'),
    });
    await schedule('delete', name, '--yes');
    await place.client.workflow.getHandle(`pipeline/${name}/scheduled-2026-01-01T00:00:00Z`).terminate();
  });

  it('refuses a pipeline whose runs would all buy the same pages', async () => {
    const name = `same-${own}`;
    await schedule('apply', await fileOf(name, { interval: '1 hour', paused: true }, { task: PRODUCT_TASK }));
    expect(await schedule('backfill', name, '--from', '2026-01-05', '--to', '2026-01-06', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('every run of a backfill would buy the same pages again'),
    });
  });

  it.each([
    [['--from', '2026-01-05', '--to', '2026-01-05'], '--from 2026-01-05 is not before --to 2026-01-05'],
    [['--from', '2026-01-05', '--to', '2999-01-01'], '--to 2999-01-01 is in the future'],
    [['--from', 'monday', '--to', '2026-01-06'], '--from monday: write a day, 2026-11-01'],
    [['--from', '2026-01-05T06:00', '--to', '2026-01-06'], 'or a time with its offset'],
    [['--from', '2026-01-05'], "required option '--to <time>' not specified"],
  ])('refuses %j', async (args, message) => {
    const run = await schedule('backfill', 'x', ...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
  });
});

async function resultOf(name: string, time: string): Promise<unknown> {
  return place.client.workflow.getHandle(`pipeline/${name}/scheduled-${time}`).result();
}
