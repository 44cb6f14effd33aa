import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';
import { CLIENT_PROGRAMS, type ClientProgram } from './client-programs.js';
import type { ProgramRun } from './run-program.js';

const TEN_MINUTES = 600_000;

describe.each(Object.entries(CLIENT_PROGRAMS))('the example in %s', (language, install) => {
  let place: Workplace;
  let directory: string;
  let program: ClientProgram;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'titanflow-clients-'));
    const tasks = [
      { name: 'Breaks', status: 'failed' },
      { name: 'Slow', seconds: 3600 },
    ];
    place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 5, tasks } } });
    await place.startWorker();
    program = await install();
  }, TEN_MINUTES);

  afterAll(async () => {
    await place.close();
    await rm(directory, { recursive: true, force: true });
  });

  function call(...args: readonly string[]): Promise<ProgramRun> {
    return program(args, {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    });
  }

  async function inputFile(name: string): Promise<string> {
    const file = join(directory, `${name}.json`);
    await writeFile(file, JSON.stringify({ task: { ...PRODUCT_TASK, name } }));
    return file;
  }

  const newId = (): string => `${language}-${crypto.randomUUID()}`;

  it(
    'runs a task, prints its result, and does not pay twice under the same id',
    async () => {
      const id = newId();
      const first = await call('run-task', id, 'examples/task.json');
      expect(first).toMatchObject({ code: 0 });
      expect(resultIn(first)).toMatchObject({
        status: 'completed',
        executionId: expect.any(String),
        published: [{ store: 'local', table: 'products', rows: 5 }],
      });
      const again = await call('run-task', id, 'examples/task.json');
      expect(resultIn(again)).toEqual(resultIn(first));
      expect(place.emulator.ledger().billed).toBe(1);
    },
    TEN_MINUTES,
  );

  it(
    'runs a pipeline and prints what each step did',
    async () => {
      const ran = await call('run-pipeline', typed(`pipeline/quick-prices/${newId()}`), 'examples/pipeline.json');
      expect(ran).toMatchObject({ code: 0 });
      expect(resultIn(ran)).toMatchObject({
        steps: { find: { status: 'completed' }, scrape: { published: [{ table: 'prices', rows: 5 }] } },
      });
    },
    TEN_MINUTES,
  );

  it(
    'says how a run failed and what was paid for',
    async () => {
      const { code, stdout, stderr } = await call('run-task', newId(), await inputFile('Breaks'));
      expect(code).toBe(1);
      const [execution] = place.executionsOf('Breaks');
      expect(stdout + stderr).toContain('ExecutionFailed');
      expect(stdout + stderr).toMatch(new RegExp(`"executionId" ?: ?"${execution?.id}"`));
      expect(stdout + stderr).toContain('"taskId"');
    },
    TEN_MINUTES,
  );

  it(
    'tells the progress, pauses, resumes and cancels',
    async () => {
      const id = newId();
      const running = call('run-task', id, await inputFile('Slow'));
      await expect.poll(() => place.executionsOf('Slow').length, { timeout: 60_000 }).toBe(1);
      await expect
        .poll(() => call('progress', id), { timeout: 60_000 })
        .toMatchObject({
          code: 0,
          stdout: expect.stringMatching(/"phase" ?: ?"waiting"/),
        });
      expect(await call('pause', id)).toMatchObject({ code: 0 });
      expect(place.executionsOf('Slow')).toMatchObject([{ status: 'paused' }]);
      expect(await call('resume', id)).toMatchObject({ code: 0 });
      expect(place.executionsOf('Slow')).toMatchObject([{ status: expect.stringMatching(/queued|running/) }]);
      expect(await call('cancel', id)).toMatchObject({ code: 0 });
      const { code, stdout, stderr } = await running;
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/cancel/i);
      expect(place.executionsOf('Slow')).toMatchObject([{ status: 'cancelled' }]);
    },
    TEN_MINUTES,
  );

  /** The typed client makes the id of a pipeline itself, of its name and a key. */
  function typed(pipelineId: string): string {
    return language === 'typescript' ? pipelineId.replace('pipeline/quick-prices/', '') : pipelineId;
  }
});

/** The Temporal CLI puts the result into an object of its own; Maven puts the codes for colours around it. */
function resultIn({ stdout }: ProgramRun): unknown {
  const printed = JSON.parse(stripVTControlCharacters(stdout)) as { result?: unknown };
  return printed.result ?? printed;
}
