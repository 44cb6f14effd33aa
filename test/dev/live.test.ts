import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { startCli, type RunningCli } from '../helpers/cli.js';
import { PRODUCT_TASK } from '../helpers/workplace.js';

let directory: string;
let emulator: Emulator;
let running: RunningCli | undefined;

const COUNT = 7;
const file = 'seven.json';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-live-'));
  // Somebody else's service, as far as `dev --live` can see.
  emulator = await startEmulator({ requestsPerMinute: 0, scenario: { seconds: 600, rows: 5 } });
  const names = Array.from({ length: COUNT }, (_, index) => `s${index}`);
  const steps = Object.fromEntries(names.map((name) => [name, { task: { ...PRODUCT_TASK, name } }]));
  await writeFile(join(directory, file), JSON.stringify({ name: 'seven', steps }));
});

afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
});

afterAll(async () => {
  await emulator.close();
  await rm(directory, { recursive: true, force: true });
});

const live = () => emulator.ledger().executions.filter(({ status }) => status === 'running' || status === 'queued');

async function start(args: readonly string[] = [file]): Promise<RunningCli> {
  const env = { TITAN_API_URL: emulator.url, TITAN_TOKEN: 'any', TITAN_RPM: '0' };
  running = startCli(['dev', '--live', ...args], { cwd: directory, env });
  if (args.length > 0) {
    await expect.poll(() => live().length, { timeout: 60_000 }).toBe(COUNT);
    // An execution that is paid for is claimed a moment later.
    await sleep(3_000);
  }
  return running;
}

describe('dev --live', { timeout: 180_000 }, () => {
  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'stops what is paid for at a %s, and says so',
    async (signal) => {
      const { child, ended } = await start();
      child.kill(signal);
      const { code, stderr } = await ended;
      expect(code).toBe(1);
      expect(live()).toEqual([]);
      expect(stderr).toMatch(/^stopping 1 run and \d executions? \(Ctrl-C again leaves them running\)$/m);
      expect(stderr.match(/ {2}execution \S+: cancelled/g)).toHaveLength(COUNT);
      expect(stderr).not.toContain('left running, and billed');
    },
  );

  it('that is in a hurry names what is left running; the next one goes on with it', async () => {
    // Nothing can be stopped.
    emulator.setScenario({ seconds: 600, rows: 5, faults: [{ route: 'POST /executions/:id/stop', status: 503 }] });
    const first = await start();
    first.child.kill('SIGINT');
    await first.says('stopping 1 run');
    await sleep(1_000);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`left running, and billed: ${COUNT} executions`);
    for (const { id } of live()) expect(stderr).toContain(`execution ${id}: running`);
    expect(stderr).toContain(`${emulator.url}/api/v1/executions/<id>/stop`);
    expect(stderr).toContain('npx titanflow dev --live, in this directory');

    emulator.setScenario({ seconds: 600, rows: 5 });
    const second = await start([]);
    await second.says('of an earlier session go on');
    await expect.poll(() => live().length, { timeout: 60_000 }).toBe(0);
    second.child.kill('SIGINT');
    // Else the next session has these as well.
    await second.ended;
  });

  it('goes on after a kill, and pays nothing again', async () => {
    const before = emulator.ledger().executions.length;
    const { child, ended } = await start();
    child.kill('SIGKILL');
    await ended;
    const again = await start([]);
    await again.says('of an earlier session go on');
    await again.says('Worker');
    again.child.kill('SIGINT');
    const { stderr } = await again.ended;
    expect(stderr.match(/ {2}execution \S+: cancelled/g)).toHaveLength(COUNT);
    expect(live()).toEqual([]);
    expect(emulator.ledger().executions).toHaveLength(before + COUNT);
  });

  it('is one in a directory', async () => {
    const { says } = await start([]);
    await says('Worker');
    const env = { TITAN_API_URL: emulator.url, TITAN_TOKEN: 'any', TITAN_RPM: '0' };
    const other = await startCli(['dev', '--live'], { cwd: directory, env }).ended;
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('runs in this directory already') });
  });
});
