import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import type { PipelineSpec } from '../../src/domain/pipeline.js';
import { resolvedBytes, resolveReferences } from '../../src/domain/references.js';
import { jsonBytes, sizeOf } from '../../src/domain/sizes.js';
import { checkInput, checkParams } from '../../src/pipeline-file/check-input.js';
import { parsePipeline } from '../../src/pipeline-file/read-pipeline-file.js';

const text = (bytes: number): string => 'x'.repeat(bytes);
const task = (fields: Record<string, Json> = {}) => ({ name: 'T', ...fields });
const step = (fields: Record<string, Json>) => ({ task: task(fields) });

function found(pipeline: PipelineSpec, params: Record<string, Json> = {}): string[] {
  return checkInput('runPipeline', { pipeline, params }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the bytes of a step with its references', () => {
  const params: Record<string, Json> = {
    plain: 'äöü "quoted"\n',
    list: ['a "b"', 1, null, { c: true }],
    number: 7,
  };
  const sizeOfReference = (name: string) => sizeOf(params[name.slice('params.'.length)] ?? null);

  it.each<[string, Json]>([
    ['a list for a text', '${params.list}'],
    ['a text in a text', 'find ${params.plain} and ${params.plain}'],
    ['a list in a text', 'of ${params.list}: ${params.number}'],
    ['deep inside', { a: [{ b: '${params.list}' }, 'é', 1.5, null, true], '"k"': '${params.plain}' }],
    ['a batch', { urls: '${batch}' }],
    ['nothing', []],
  ])('are those of what they become: %s', (_, value) => {
    const exact = jsonBytes(resolveReferences(value, { params, run: { key: 'k' } }));
    const measured = resolvedBytes(value, sizeOfReference);
    expect(measured).toBeGreaterThanOrEqual(exact);
    // A comma more for each list and mapping.
    expect(measured).toBeLessThanOrEqual(exact + 5);
  });
});

describe('a pipeline is refused before anything is paid for', () => {
  const big = { urls: {} };

  it('where a parameter makes a step too large, by step and key', () => {
    const steps = { scrape: step({ objective: '${params.urls} ${params.urls} ${params.urls}' }) };
    const [problem = '', ...others] = found({ name: 'p', params: big, steps }, { urls: text(800_000) });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^pipeline\.steps\.scrape\.task\.objective: .* 2,400,\d{3} bytes, .* in `task\.objective`; at most 1,000,000 bytes: let a step find/,
    );
  });

  it('without filling in what would not fit into memory', () => {
    const steps = { bomb: step({ objective: '${params.urls}'.repeat(30_000) }) };
    expect(found({ name: 'p', params: big, steps }, { urls: text(700_000) })).toMatchObject([
      /21,\d{3},\d{3},\d{3} bytes/,
    ]);
  });

  it('where its steps come to more than can be started at once, unless they are not', () => {
    const steps = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, step({ urls: '${params.urls}' })]));
    const pipeline = { name: 'p', params: big, steps };
    expect(found(pipeline, { urls: text(900_000) })).toMatchObject([
      /^pipeline\.steps: .* 3,60\d,\d{3} bytes; at most 3,000,000 bytes: lower `parallel`/,
    ]);
    expect(found({ ...pipeline, parallel: 3 }, { urls: text(900_000) })).toEqual([]);
  });

  it('where a history would not hold them', () => {
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    const steps = Object.fromEntries(names.map((name) => [name, step({ urls: '${params.urls}' })]));
    expect(found({ name: 'p', params: big, parallel: 1, steps }, { urls: text(900_000) })).toMatchObject([
      /27,\d{3},\d{3} bytes; at most 20,000,000/,
    ]);
  });

  it('where a pipeline within it is', () => {
    const inner: PipelineSpec = {
      name: 'q',
      params: { x: {} },
      steps: { deep: step({ urls: ['${params.x}', '${params.x}'] }) },
    };
    const pipeline: PipelineSpec = {
      name: 'p',
      params: big,
      steps: { outer: { pipeline: inner, params: { x: '${params.urls}' } } },
    };
    expect(found(pipeline, { urls: text(400_000) })).toEqual([]);
    expect(found(pipeline, { urls: text(600_000) })).toMatchObject([
      /^pipeline\.steps\.outer\.pipeline\.steps\.deep\.task\.urls: /,
    ]);
  });

  it('where it is too large as it is, and so is a task', () => {
    const long = step({ objective: text(990_000) });
    expect(found({ name: 'p', parallel: 1, steps: { a: long, b: long } })).toMatchObject([
      /has 1,98\d,\d{3} bytes; at most 1,500,000/,
    ]);
    expect(checkInput('runTask', { task: task({ objective: text(990_000) }) })).toEqual([]);
    expect(checkInput('runTask', { task: task({ objective: text(1_000_000) }) })).toMatchObject([
      { message: expect.stringMatching(/at most 1,000,000 bytes$/) },
    ]);
  });

  it('by the command line, and in a file by its line', () => {
    const pipeline = { name: 'p', params: big, steps: { a: step({ urls: ['${params.urls}', '${params.urls}'] }) } };
    expect(checkParams(pipeline, { urls: text(600_000) })).toMatchObject([{ path: ['steps', 'a', 'task', 'urls'] }]);
    const file = `name: p\nparams:\n  x: { default: ${text(400_000)} }\nsteps:\n  a:\n    task:\n      name: T\n      objective: \${params.x}\${params.x}\${params.x}\n`;
    expect(parsePipeline(file, 'p.yaml')).toMatchObject({ problems: [{ line: 8, path: ['steps', 'a', 'task'] }] });
  });

  it('and not where it is as large as may be', () => {
    const steps = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, step({ urls: '${params.urls}' })]));
    expect(found({ name: 'p', params: big, steps }, { urls: text(990_000) })).toEqual([]);
  });
});
