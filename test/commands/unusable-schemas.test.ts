import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';

/** Nothing answers there: what is refused is refused before anybody is asked. */
const AWAY = { TEMPORAL_ADDRESS: '127.0.0.1:1', TITAN_API_URL: 'http://127.0.0.1:1', TITAN_TOKEN: 't' };

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'titanflow-schemas-'));
  await writeFile(join(cwd, 'float.yaml'), pipelineOf('{ type: float }'));
  await writeFile(join(cwd, 'flags.yaml'), pipelineOf(`{ type: string, pattern: '(?i)^abc$' }`));
  await writeFile(join(cwd, 'dash.yaml'), pipelineOf(String.raw`{ type: string, pattern: '^[a-z0-9\.\_\-]+$' }`));
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

function pipelineOf(x: string): string {
  return [
    'name: shops',
    'schedule: { cron: 0 6 * * * }',
    'steps:',
    '  s:',
    '    task:',
    '      name: Shops',
    "      urls: ['https://shop.example']",
    '      output_schema:',
    '        type: object',
    `        properties: { x: ${x} }`,
    '',
  ].join('\n');
}

describe('a schema by which no record can be judged', () => {
  it.each(['validate', 'plan', 'run', 'dev', 'schedule apply'])(
    'is bad input for %s, with its place',
    async (command) => {
      const place = 'steps.s.task.output_schema.properties.x';
      const float = await runCli([...command.split(' '), 'float.yaml'], { cwd, env: AWAY });
      const flags = await runCli([...command.split(' '), 'flags.yaml'], { cwd, env: AWAY });

      expect(float).toEqual({
        code: 2,
        stdout: '',
        stderr: `titanflow: float.yaml:10:34: ${place}.type: there is no type "float", did you mean "number"?\n`,
      });
      expect(flags).toEqual({
        code: 2,
        stdout: '',
        stderr: `titanflow: flags.yaml:10:51: ${place}.pattern: the pattern "(?i)^abc$" cannot be read: JavaScript's patterns have no (?i); write both cases, such as [Aa]\n`,
      });
    },
  );

  it.each([
    [
      '{ "type": "object", "properties": { "x": { "type": "float" } } }',
      'x.json:1:52: properties.x.type: there is no type "float", did you mean "number"?',
    ],
    ['{ "maximum": 12345678901234567890 }', 'x.json:1:14: maximum: 12345678901234567890 cannot be kept exactly'],
  ])('is bad input for rejects replay, with its place: %s', async (schema, says) => {
    await writeFile(join(cwd, 'x.json'), schema);
    const { code, stderr } = await runCli(['rejects', 'replay', 'e', '--schema', 'x.json'], { cwd, env: AWAY });

    expect(code).toBe(2);
    expect(stderr).toContain(`titanflow: ${says}`);
  });

  it('is not one whose pattern escapes more than it must', async () => {
    expect(await runCli(['validate', 'dash.yaml'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});
