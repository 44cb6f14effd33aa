import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { drawLines } from '../../src/commands/live-view.js';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal/start-temporal.js';
import { freePort } from '../../src/free-port.js';
import { runCli, startCli } from '../helpers/cli.js';
import { temporalBinary } from '../helpers/temporal-binary.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-follow-'));
  // A limit that is told, and that nobody comes near to.
  const limit = { requestsPerMinute: 1_200 };
  place = await openWorkplace({ emulator: limit, titan: limit });
  await place.startWorker();
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

async function fileOf(name: string): Promise<string> {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify({ name, steps: { only: { task: PRODUCT_TASK } } }));
  return file;
}

describe('Ctrl-C', () => {
  it('twice cancels the run, and its end is followed', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const running = startCli(['run', await fileOf('twice'), '--key', 'k'], { env });
    await running.says('only: waiting: execution');
    running.child.kill('SIGINT');
    await running.says('leaving it running; press Ctrl-C again within 3 s to cancel it\n');
    await sleep(500);
    running.child.kill('SIGINT');
    const run = await running.ended;
    expect(run).toMatchObject({ code: 1, stdout: 'pipeline/twice/k was cancelled\n' });
    expect(run.stderr).toContain('cancelling: its executions are stopped first');
    expect(place.emulator.ledger().executions.at(-1)?.status).toBe('cancelled');
  });

  it('that is hit several times in haste is one, and leaves it running', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const running = startCli(['run', await fileOf('haste'), '--key', 'k'], { env });
    await running.says('only: waiting: execution');
    for (let press = 0; press < 10; press++) {
      running.child.kill('SIGINT');
      await sleep(50);
    }
    expect(await running.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('left running') });
    expect(place.emulator.ledger().executions.at(-1)?.status).toBe('running');
  });

  it('never cancels what `watch` looks at', async () => {
    const watching = startCli(['watch', 'pipeline/haste/k'], { env });
    await watching.says('only: waiting: execution');
    watching.child.kill('SIGINT');
    await sleep(400);
    watching.child.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ stdout: '', stderr: expect.stringContaining('left running') });
    await sleep(2_000);
    expect(place.emulator.ledger().executions.at(-1)?.status).toBe('running');
    expect(await runCli(['cancel', 'pipeline/haste/k'], { env })).toMatchObject({ code: 0 });
  });

  it('once leaves it running; `watch` comes back to it and sees its end', async () => {
    place.emulator.setScenario({ seconds: 12, rows: 5 });
    const running = startCli(['run', await fileOf('left'), '--key', 'k'], { env });
    await running.says('only: waiting: execution');
    running.child.kill('SIGINT');
    const left = await running.ended;
    expect(left).toMatchObject({ code: 0, stdout: '' });
    expect(left.stderr).toContain('left running; see it with: titanflow watch pipeline/left/k');
    const watched = await runCli(['watch', 'pipeline/left/k'], { env });
    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(/only\s+│ completed │\s+5 │/);
    const again = await runCli(['watch', 'pipeline/left/k', '--json'], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ workflowId: 'pipeline/left/k', kind: 'completed' });
  });
});

describe('list and status', () => {
  it('show what runs, what ended, and why one does not go on', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const { workflowId } = await place.titanflow.runTask(`listed-${place.config.taskQueue}`, { task: PRODUCT_TASK });
    await vi.waitFor(async () => {
      const running = await runCli(['list', '--status', 'running', '--json'], { env });
      const found = JSON.parse(running.stdout).find((one: { workflowId: string }) => one.workflowId === workflowId);
      expect(found).toMatchObject({ type: 'runTask', status: 'running' });
      const status = await runCli(['status', workflowId], { env });
      expect(status.stdout).toMatch(/ {2}run: waiting: execution \S+ is running \(looks again at \S+Z\)\n/);
      expect(status.stdout).toMatch(/ {2}requests: \d+ of 1200 left this minute\n/);
    }, 30_000);
    await runCli(['pause', workflowId], { env });
    const paused = await runCli(['status', workflowId, '--json'], { env });
    expect(JSON.parse(paused.stdout).troubles).toEqual([expect.stringMatching(/^paused since .*titanflow resume/)]);
    await runCli(['cancel', workflowId], { env });
    await expect(place.client.workflow.getHandle(workflowId).result()).rejects.toThrow('Workflow execution cancelled');
    expect((await runCli(['list', '--pipeline', `o'brien" \\`], { env })).stdout).toBe('there are no such runs\n');
    const refused = await runCli(['list', '--status', 'done'], { env });
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are running, completed'),
    });
  });

  it.each([['list'], ['watch', 'x'], ['schedule', 'list'], ['run', 'examples/one-task.yaml']])(
    'and all others say when there is no such namespace: %s',
    async (...args) => {
      const run = await runCli(args, { env: { ...env, TEMPORAL_NAMESPACE: 'nowhere' } });
      expect(run).toEqual({
        code: 2,
        stdout: '',
        stderr: `titanflow: Temporal at ${env.TEMPORAL_ADDRESS} has no namespace "nowhere"; mend TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace nowhere\n`,
      });
    },
  );

  it('say that no worker is there', async () => {
    const queue = { ...env, TITANFLOW_TASK_QUEUE: `nobody-${place.config.taskQueue}` };
    const run = await runCli(['run', await fileOf('alone'), '--detach', '--json'], { env: queue });
    const { workflowId } = JSON.parse(run.stdout) as { workflowId: string };
    const status = await runCli(['status', workflowId], { env: queue });
    expect(status.stdout).toContain(`  ! no worker is on task queue ${queue.TITANFLOW_TASK_QUEUE}: start one with`);
    await place.client.workflow.getHandle(workflowId).terminate();
  });
});

describe('a restart of the Temporal server', () => {
  let server: TemporalServer | undefined;

  afterAll(async () => await server?.stop());

  it('in the middle of a run is told once, and the run is followed to its end', async () => {
    place.emulator.setScenario({ seconds: 15, rows: 5 });
    const port = await freePort(0);
    const start = async (): Promise<TemporalServer> =>
      startTemporalServer({
        binary: await temporalBinary(),
        port,
        dbFile: join(directory, 'temporal.db'),
        say: () => undefined,
      });
    server = await start();
    const { address } = server;
    await place.startWorker({ temporal: { connectionOptions: { address }, namespace: 'default' } });
    const running = startCli(['run', await fileOf('restarted'), '--key', 'k'], {
      env: { ...env, TEMPORAL_ADDRESS: address },
    });
    await running.says('only: waiting: execution');
    await server.stop();
    await running.says('Temporal does not answer: the run is not lost, trying again');
    server = await start();
    const run = await running.ended;
    expect(run.stdout).toMatch(/only\s+│ completed │\s+5 │/);
    expect(run.code).toBe(0);
    expect(run.stderr.split('Temporal does not answer').length - 1).toBe(1);
    expect(run.stderr.split('connected again').length - 1).toBe(1);
    expect(run.stderr).not.toMatch(/Warning|\n\s+at /);
  }, 180_000);
});

describe('the live view', () => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const lines = [
    { name: 'find', state: 'completed', text: 'completed, 200 rows, 4.0 s' },
    {
      name: 'scrape',
      state: 'running',
      text: '10/40 batches (5 running), 1000 rows',
      batches: { total: 40, completed: 10, failed: 0, running: 5 },
      startedAt: at(0),
    },
    { name: 'one', state: 'running', text: 'waiting: execution e is running', startedAt: at(0), nextLookAt: at(42) },
  ] as const;

  it('has a bar and the next look where there is room', () => {
    const [find, scrape, one] = drawLines(lines, 120, new Date(30_000));
    expect(find).toMatch(/✓.* find .*completed, 200 rows, 4\.0 s/);
    expect(scrape).toContain('█████░░░░░░░░░░░░░░░');
    expect(scrape).toMatch(/10\/40 batches \(5 running\), 1000 rows.* 30\.0 s/);
    expect(one).toContain('30.0 s, looks again in 12 s');
  });

  it('ends with what is left of the requests', () => {
    const left = { limit: 120, remaining: 87 };
    expect(drawLines(lines, 120, new Date(30_000), left).at(-1)).toContain('requests: 87 of 120 left this minute');
    expect(drawLines(lines, 120, new Date(30_000), { limit: 120 }).at(-1)).toContain('requests: 120 a minute');
  });

  it('cuts what does not fit on a narrow terminal', () => {
    const drawn = drawLines(lines, 40, new Date(30_000), { limit: 120_000_000, remaining: 100_000_000 });
    expect(drawn.join('')).not.toMatch(/█|looks again/);
    // oxlint-disable-next-line no-control-regex -- colours take no room
    for (const line of drawn) expect(line.replaceAll(/\u001B\[\d+m/g, '').length).toBeLessThanOrEqual(40);
    expect(drawn[1]).toContain('…');
  });
});
