import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const OXLINT = resolve('node_modules/.bin/oxlint');

let house: string;

/** A house of the same plan, with nothing in it but what a test puts there. */
beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'titanflow-walls-'));
  await copyFile('.oxlintrc.json', join(house, '.oxlintrc.json'));
});

afterAll(() => rm(house, { recursive: true, force: true }));

async function complaints(path: string, line: string): Promise<string> {
  const file = join(house, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${line}\n`);
  return new Promise((done) => {
    execFile(OXLINT, ['--deny-warnings', path], { cwd: house }, (_, stdout) => done(stdout));
  });
}

describe('the linter lets nobody through a wall', () => {
  it.each([
    ['src/domain/a.ts', "export { z } from 'zod';", 'domain imports nothing outside its own folder'],
    ['src/domain/a.ts', "export { b } from '../rows/b.js';", 'domain imports nothing outside its own folder'],
    ['src/stores/a.ts', "export { Client } from '@temporalio/client';", 'leaves know nothing of Temporal'],
    ['src/rows/a.ts', "export { b } from '../stores/b.js';", 'leaves know only the domain and their own folder'],
    ['src/stores/postgres/a.ts', "export { b } from '../../rows/b.js';", 'leaves know only the domain'],
    ['src/task-service/a.ts', "export { b } from '../config.js';", 'leaves know only the domain'],
    ['src/notices/a.ts', "export { b } from '../task-service/b.js';", 'leaves know only the domain'],
    ['src/task-service/watcher/a.ts', "export { b } from '../../stores/b.js';", 'leaves know only the domain'],
    ['src/emulator/a.ts', "export { b } from '../domain/b.js';", 'the emulator stands alone'],
    ['src/workflows/a.ts', "export { readFile } from 'node:fs/promises';", 'the sandbox'],
    ['src/workflows/a.ts', "export { Client } from '@temporalio/client';", 'the sandbox'],
    ['src/workflows/a.ts', "export { b } from '../activities/b.js';", 'types may cross into workflows'],
    ['src/activities/a.ts', "export { b } from '../workflows/b.js';", 'activities are handed their dependencies'],
    ['src/dev/a.ts', 'export const a = process.env;', 'process.env'],
    ['src/commands/a.ts', "console.log('a');", 'no-console'],
  ])('%s: %s', async (path, line, told) => {
    expect(await complaints(path, line)).toContain(told);
  });

  it.each([
    ['src/domain/a.ts', "export { b } from './b.js';"],
    ['src/stores/postgres/a.ts', "export { b } from '../../domain/b.js';"],
    ['src/task-service/watcher/a.ts', "export { b } from '../task-service.js';"],
    ['src/workflows/a.ts', "export type { B } from '../activities/b.js';"],
    ['src/workflows/a.ts', "export { sleep } from '@temporalio/workflow';"],
    ['src/config.ts', 'export const a = process.env;'],
  ])('%s may: %s', async (path, line) => {
    expect(await complaints(path, line)).toContain('Found 0 warnings and 0 errors');
  });
});
