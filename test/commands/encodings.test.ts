import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';

const PIPELINE =
  'name: x\nsteps:\n  a:\n    task: { name: x, urls: ["https://x.example"], objective: "Käse" }\n    publish: [{ store: "Käse", table: t, mode: append }]\n';
const STORES = 'stores:\n  "Käse": { kind: files, directory: out }\n';
const FILES = {
  'pipeline.yaml': PIPELINE,
  'outer.yaml': 'name: o\nsteps: { a: { pipeline: ./latin1-pipeline.yaml } }\n',
  'stores.yaml': STORES,
  'scenario.yaml': 'error: Käse\n',
  'schema.json': '{ "title": "Käse" }',
};
const AWAY = { TEMPORAL_ADDRESS: '127.0.0.1:1', TITAN_API_URL: 'http://127.0.0.1:1', TITAN_TOKEN: 't' };

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'titanflow-encodings-'));
  for (const [name, text] of Object.entries(FILES)) {
    await writeFile(join(cwd, `bom-${name}`), `\uFEFF${text}`);
    await writeFile(join(cwd, `latin1-${name}`), text, 'latin1');
    await writeFile(join(cwd, `utf16-${name}`), text, 'utf16le');
  }
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

const COMMANDS: readonly (readonly [
  place: string,
  args: (kind: string) => string[],
  env: (kind: string) => Record<string, string>,
])[] = [
  [
    'pipeline.yaml:4:64',
    (kind) => ['validate', `${kind}-pipeline.yaml`],
    () => ({ TITANFLOW_STORES: 'bom-stores.yaml' }),
  ],
  ['stores.yaml:2:5', () => ['validate', 'bom-pipeline.yaml'], (kind) => ({ TITANFLOW_STORES: `${kind}-stores.yaml` })],
  ['pipeline.yaml:4:64', (kind) => ['run', `${kind}-pipeline.yaml`], () => ({})],
  ['pipeline.yaml:4:64', (kind) => ['plan', `${kind}-pipeline.yaml`], () => ({})],
  ['pipeline.yaml:4:64', (kind) => ['schedule', 'apply', `${kind}-pipeline.yaml`], () => ({})],
  ['pipeline.yaml:4:64', (kind) => ['dev', `${kind}-pipeline.yaml`], () => ({})],
  ['stores.yaml:2:5', () => ['worker'], (kind) => ({ TITANFLOW_STORES: `${kind}-stores.yaml` })],
  ['scenario.yaml:1:9', (kind) => ['emulator', '--scenario', `${kind}-scenario.yaml`], () => ({})],
  ['schema.json:1:14', (kind) => ['rejects', 'replay', 'e', '--schema', `${kind}-schema.json`], () => ({})],
];

describe('a file that is not UTF-8 is refused with its place, and nothing is started', () => {
  it.each(COMMANDS)('%s', async (place, args, env) => {
    const [latin1, utf16] = await Promise.all(
      ['latin1', 'utf16'].map((kind) => runCli(args(kind), { cwd, env: { ...AWAY, ...env(kind) } })),
    );

    expect(latin1).toMatchObject({ code: 2, stdout: '' });
    expect(latin1?.stderr).toMatch(
      `latin1-${place}: the file is not UTF-8: the byte 0xE4 is no character here, but would be in Latin-1 or Windows-1252; save it as UTF-8\n`,
    );
    expect(utf16).toMatchObject({ code: 2, stdout: '' });
    expect(utf16?.stderr).toMatch(/:1:1: the file is UTF-16 \(little-endian\), not UTF-8: save it as UTF-8\n$/);
  });

  it('also where another pipeline names it', async () => {
    expect(await runCli(['validate', 'bom-outer.yaml'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('latin1-pipeline.yaml:4:64: the file is not UTF-8'),
    });
  });
});

it('a byte order mark of UTF-8 is no fault', async () => {
  const env = { TITANFLOW_STORES: 'bom-stores.yaml' };
  expect(await runCli(['validate', 'bom-pipeline.yaml'], { cwd, env })).toMatchObject({ code: 0, stderr: '' });
});
