import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openWorkplace, type Workplace } from '../helpers/workplace.js';
import { must, run } from './run-program.js';

const TEN_MINUTES = 600_000;

let place: Workplace;
let service: string;

beforeAll(async () => {
  service = await mkdtemp(join(tmpdir(), 'titanflow-service-'));
  await must('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', service]);
  const [tarball = ''] = await readdir(service);
  await cp(resolve('examples/typescript/titanflow.ts'), join(service, 'titanflow.ts'));
  await writeFile(join(service, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const sdk = ['client', 'common', 'envconfig'].map((name) => `@temporalio/${name}`);
  const packages = [`./${tarball}`, ...sdk.map((name) => `${name}@${dependencies[name]}`), '@types/node@20'];
  await must('npm', ['install', '--prefix', service, '--prefer-offline', '--no-audit', '--no-fund', ...packages], {
    cwd: service,
  });
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 5 } } });
  await place.startWorker();
}, TEN_MINUTES);

afterAll(async () => {
  await place.close();
  await rm(service, { recursive: true, force: true });
});

it(
  'a TypeScript service that has installed the package compiles strictly against its types, and runs',
  async () => {
    const tsc = [resolve('node_modules/typescript/bin/tsc'), '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const types = ['--types', 'node', '--skipLibCheck', 'titanflow.ts'];
    expect(await run(process.execPath, [...tsc, ...types], { cwd: service })).toMatchObject({ code: 0, stdout: '' });
    const env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
    const args = ['titanflow.js', 'run-task', `packed-${crypto.randomUUID()}`, resolve('examples/task.json')];
    const { code, stdout } = await run(process.execPath, args, { cwd: service, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', published: [{ rows: 5 }] });
  },
  TEN_MINUTES,
);
