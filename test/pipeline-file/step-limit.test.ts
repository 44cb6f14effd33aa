import { describe, expect, it } from 'vitest';
import { checkInput } from '../../src/pipeline-file/check-input.js';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { parsePipeline } from '../../src/pipeline-file/read-pipeline-file.js';

function pipeline(count: number, step: object = { task: { name: 'T', objective: 'o' } }) {
  const steps = Array.from({ length: count }, (_, at): [string, object] => [`s${at + 1}`, step]);
  return { name: 'p', steps: Object.fromEntries(steps) };
}

function problemsOf(value: object): string[] {
  return checkInput('runPipeline', { pipeline: value }).map((problem) => formatProblem('input', problem));
}

const TOO_MANY =
  'a pipeline may have 500 steps, those of the pipelines that it runs counted, and this is one too many; make several pipelines of it, or feed the rows of one step to another with "forEach"';

describe('a pipeline', () => {
  it('may have 500 steps, with those of the pipelines that it runs', () => {
    expect(problemsOf(pipeline(500))).toEqual([]);
    expect(problemsOf(pipeline(10, { pipeline: pipeline(49) }))).toEqual([]);
    expect(problemsOf(pipeline(501))).toEqual([`input: pipeline.steps.s501: ${TOO_MANY}`]);
    expect(problemsOf(pipeline(11, { pipeline: pipeline(49) }))).toEqual([`input: pipeline.steps.s11: ${TOO_MANY}`]);
  });

  it('is told where in its file the one is that is too many', () => {
    const lines = Array.from({ length: 1_500 }, (_, at) => `  s${at + 1}: { task: { name: T } }`);
    const read = parsePipeline(['name: p', 'steps:', ...lines].join('\n'), 'p.yaml');
    const problems = 'problems' in read ? read.problems.map((problem) => formatProblem('p.yaml', problem)) : [];
    expect(problems).toEqual([`p.yaml:503:3: steps: ${TOO_MANY}`]);
  });

  it('is refused at once, however large and deep it is', () => {
    const wide = pipeline(40_000, { after: 'nothing' });
    let deep: object = { task: { name: 'T', objective: 'o' } };
    for (let depth = 0; depth < 20_000; depth++) deep = { pipeline: { name: 'p', steps: { s1: deep } } };
    const from = Date.now();
    expect(problemsOf(wide)).toEqual([`input: pipeline.steps.s501: ${TOO_MANY}`]);
    expect(problemsOf({ name: 'p', steps: { s1: deep } })).toEqual([
      'input: pipeline.steps.s1: pipelines may stand within each other 20 deep, and here they are deeper; run the inner ones as steps of this one',
    ]);
    expect(Date.now() - from).toBeLessThan(2_000);
  });
});
