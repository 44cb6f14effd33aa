import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputSchema } from '../../src/check-output-schema.js';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { readPipelineFile } from '../../src/pipeline-file/pipeline-tree.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'titanflow-tree-'));
  await mkdir(join(folder, 'shared'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, object | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

async function problemsOf(name: string): Promise<string[]> {
  const read = await readPipelineFile(join(folder, name), checkOutputSchema);
  return 'problems' in read
    ? read.problems.map((problem) => formatProblem(name, problem).replaceAll(`${folder}/`, ''))
    : [];
}

const PRICES = { name: 'prices', params: { query: {} }, steps: { scrape: { task: { id: 't-1' } } } };

describe('a step that names another file', () => {
  it('has the pipeline of that file in its place, as deep as they go, and the same as often as it is named', async () => {
    const params = { query: 'laptops' };
    await write({
      'all.json': {
        name: 'all',
        steps: {
          a: { pipeline: './shared/shop.yaml' },
          b: { pipeline: 'shared/prices.json', params },
          c: { pipeline: { name: 'inner', steps: { d: { pipeline: 'near' } } } },
        },
      },
      'near.yml': 'name: near\nsteps: { x: { task: { id: t-2 } } }\n',
      'shared/shop.yaml': 'name: shop\nsteps: { p: { pipeline: prices, params: { query: laptops } } }\n',
      'shared/prices.json': { $schema: 'x', ...PRICES },
    });
    const near = { name: 'near', steps: { x: { task: { id: 't-2' } } } };

    expect(await readPipelineFile(join(folder, 'all.json'), checkOutputSchema)).toEqual({
      spec: {
        name: 'all',
        steps: {
          a: { pipeline: { name: 'shop', steps: { p: { pipeline: PRICES, params } } } },
          b: { pipeline: PRICES, params },
          c: { pipeline: { name: 'inner', steps: { d: { pipeline: near } } } },
        },
      },
    });
  });

  it('is told the problems of that file once, and where they are', async () => {
    await write({
      'all.yaml':
        'name: all\nsteps:\n  a: { pipeline: shared/bad.yaml }\n  b: { pipeline: shared/bad.yaml }\n  c: {}\n',
      'shared/bad.yaml': 'name: bad\nsteps:\n  x: { task: { id: t }, acept: partial }\n',
    });

    expect(await problemsOf('all.yaml')).toEqual([
      'all.yaml:5:6: steps.c: "task" is missing, or a "pipeline" to run in its place',
      'shared/bad.yaml:3:25: steps.x: unknown key "acept", did you mean "accept"?',
    ]);
  });

  it('gets no file that is too deep, or that makes it too large', async () => {
    const chain = Array.from({ length: 9 }, (_, index) => [
      `${index}.json`,
      { name: 'x', steps: { a: index === 8 ? { task: { id: 't' } } : { pipeline: `${index + 1}.json` } } },
    ]);
    const urls = Array.from({ length: 20_000 }, (_, index) => `https://shop.example/products/${index}`);
    const two = { a: { pipeline: 'large' }, b: { pipeline: 'large' } };
    const many = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { pipeline: 'large' }]));
    await write({
      ...Object.fromEntries(chain),
      'large.json': { name: 'large', steps: { a: { task: { name: 'x', urls } } } },
      'two.json': { name: 'two', steps: two },
      'many.json': { name: 'many', steps: many },
    });

    expect(await problemsOf('0.json')).toEqual([
      '7.json:1:38: steps.a.pipeline: pipelines within pipelines can be 8 deep, this would be one more',
    ]);
    expect(await problemsOf('1.json')).toEqual([]);
    expect(await problemsOf('many.json')).toEqual([
      'many.json:1:1: with all that it runs it has more than 1,500,000 bytes as JSON: Temporal takes no such input; make several pipelines of it, or feed rows to a step with `forEach`',
    ]);
    // Over a million characters, and each of them a byte.
    expect(await problemsOf('two.json')).toEqual([]);
  });

  it('is measured in bytes of JSON, whatever its characters and its file are', async () => {
    const half = (text: string) => ({
      task: { name: 'x', urls: ['https://x.example'], objective: text.repeat(220_000) },
    });
    const pipelineOf = (text: string) => ({ name: 'p', steps: { a: half(text), b: half(text) } });
    await write({
      // 440,000 characters each: 1.3, 1.8 and 2.6 million bytes.
      'cjk.json': pipelineOf('漢'),
      'emoji.json': pipelineOf('😀'),
      'escaped.json': pipelineOf('\u0001'),
      'remarks.yaml': `name: p\nsteps: { a: { task: { name: x, urls: ["https://x.example"] } } }\n# ${'.'.repeat(2_000_000)}\n`,
    });
    expect(await problemsOf('cjk.json')).toEqual([]);
    expect(await problemsOf('remarks.yaml')).toEqual([]);
    const tooLarge = / has 1,760,\d{3} bytes; at most 1,500,000 bytes$/;
    expect(await problemsOf('emoji.json')).toMatchObject([tooLarge]);
    expect(await problemsOf('escaped.json')).toMatchObject([/ has 2,640,\d{3} bytes; at most 1,500,000 bytes$/]);
  });
});

it('a file that is not there, or no file, is one clear problem', async () => {
  expect(await problemsOf('nowhere.yaml')).toEqual(['nowhere.yaml: there is no such file']);
  expect(await problemsOf('shared')).toEqual(['shared: cannot be read (EISDIR)']);
});
