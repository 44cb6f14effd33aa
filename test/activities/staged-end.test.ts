import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStagedNote } from '../../src/activities/staged-before.js';
import { endOf, readEnd } from '../../src/activities/staged-end.js';
import { stagedNames } from '../../src/activities/staged-run.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import type { Staging } from '../../src/staging/staging.js';

let directory: string;
let staging: Staging;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-end-'));
  staging = await openLocalStaging(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const ENDED = { status: 'completed', taskId: 't', createdAt: '2026-11-28T20:00:00.000Z' };
const TASK = { id: 't', name: 'Prices', schema: { type: 'object' } };
const STAGED = {
  export: { uri: 'file:///x', format: 'json', bytes: 3, records: 1, sha256: 'x' },
  rejected: 0,
} as const;

function noteOf(executionId: string, coerce?: boolean) {
  const options = { format: 'json', schema: TASK.schema, records: undefined, coerce, owner: 'prices' };
  return createStagedNote(staging, stagedNames(executionId, 'json'), options);
}

it('how an execution ended is known as long as it is staged, whatever its results are judged by', async () => {
  expect(await readEnd(staging, 'e1')).toBeUndefined();
  await noteOf('e1').write(STAGED, endOf(ENDED, { ...TASK, isPaused: true, executionType: 'single' }));
  expect(await readEnd(staging, 'e1')).toEqual({ ended: ENDED, task: TASK });
  await noteOf('e1', true).withdraw();
  expect(await readEnd(staging, 'e1')).toEqual({ ended: ENDED, task: TASK });
  await noteOf('e1', true).write(STAGED);
  expect(await readEnd(staging, 'e1')).toEqual({ ended: ENDED, task: TASK });
});

it('one that had not ended is asked for', async () => {
  await noteOf('e2').write(STAGED, endOf({ status: 'running' }, TASK));
  expect(await readEnd(staging, 'e2')).toBeUndefined();
});

it.each(['', '{', '{"made":"x"}', '{"end":{}}', 'null'])('what is damaged is asked for: %j', async (text) => {
  await noteOf('e3').write(STAGED, endOf(ENDED, TASK));
  await writeFile(join(directory, stagedNames('e3', 'json').note), text);
  expect(await readEnd(staging, 'e3')).toBeUndefined();
});
