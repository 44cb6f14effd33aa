import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { inexactNumber } from '../../src/domain/exact-number.js';
import type { Json } from '../../src/domain/json.js';
import type { PipelineSpec, StepSpec } from '../../src/domain/pipeline.js';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { parsePipeline } from '../../src/pipeline-file/read-pipeline-file.js';
import { BROKEN_PIPELINES } from './broken-pipelines.js';
import { BROKEN_SYNTAX } from './broken-syntax.js';

function problemsOf(text: string, fileName: string): string[] {
  const result = parsePipeline(text, fileName);
  return 'problems' in result ? result.problems.map((problem) => formatProblem(fileName, problem)) : [];
}

describe('a broken pipeline file', () => {
  it.each([...BROKEN_PIPELINES, ...BROKEN_SYNTAX])(
    'is refused with the place of every problem: $what',
    ({ text, says }) => {
      expect(problemsOf(text, 'shop.yaml')).toEqual(says.map((line) => `shop.yaml:${line}`));
    },
  );

  it('shows all problems at once, whatever kind they are, in the order of the file', () => {
    const text = [
      'name: my shop',
      'steps:',
      '  find:',
      '    task: { name: Find, urls: ["${params.q}"] }',
      '    after: scrape',
      '    publsh: []',
      '  scrape:',
      '    after: find',
      '    deadline: soon',
    ].join('\n');

    const lines = problemsOf(text, 'shop.yaml').map((line) => line.split(':')[1]);

    expect(lines).toEqual(['1', '4', '5', '6', '8', '9']);
  });

  it('points into an anchor where an alias brings in what is wrong', () => {
    const text = 'name: x\nsteps:\n  a: &a\n    task: { id: t }\n    expct: {}\n  b: *a\n';

    expect(problemsOf(text, 'x.yaml')).toEqual([
      'x.yaml:5:5: steps.a: unknown key "expct", did you mean "expect"?',
      'x.yaml:5:5: steps.b: unknown key "expct", did you mean "expect"?',
    ]);
  });
});

describe('a JSON pipeline file', () => {
  it.each([
    ['a comment', '{\n  // the shop\n  "name": "x"\n}', '2:3: JSON has no comments: remove it'],
    ['a comma too many', '{\n  "name": "x",\n}', '3:1: JSON has no comma before a closing }'],
    ['a comma too few', '{ "name": "x"\n  "steps": {} }', '2:3: a "," or the closing } is missing'],
    ['no colon', '{ "name" "x" }', '1:10: a ":" is missing after the key'],
    ['single quotes', "{ 'name': 'x' }", '1:3: a key in double quotes is missing'],
    ['a bare word', '{ "name": shop }', '1:11: this is not a JSON value'],
    ['an open bracket', '{ "steps": [1, 2\n', '2:1: the text ends before the closing ]'],
    ['a second value', '{} {}', '1:4: nothing may follow the value'],
    ['YAML', 'name: shop\n', '1:1: this is not a JSON value'],
    ['nothing', '\n', '1:1: the file is empty'],
    ['a duplicate key', '{ "name": "x",\n  "name": "y" }', '2:3: duplicate key: this mapping has it already'],
    [
      'a wrong value',
      '{\n\t"name": "x",\n\t"steps": { "a": { "task": 5 } }\n}',
      '3:28: steps.a.task: "task" must be a task definition with a "name" or the { id } of a saved task, is 5',
    ],
  ])('is read strictly, with places: %s', (_, text, says) => {
    expect(problemsOf(text, 'shop.JSON')).toEqual([`shop.JSON:${says}`]);
  });

  it('may say in $schema which schema the editor should use', () => {
    const text = '{ "$schema": "./pipeline.schema.json", "name": "x", "steps": { "a": { "task": { "id": "t" } } } }';

    expect(parsePipeline(text, 'x.json')).toEqual({ spec: { name: 'x', steps: { a: { task: { id: 't' } } } } });
  });
});

describe('a good pipeline file', () => {
  it.each(['product-prices.yaml', 'one-task.yaml'])('is read as it stands: examples/%s', (name) => {
    const text = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');

    expect(parsePipeline(text, name)).toHaveProperty('spec.name', name.replace('.yaml', ''));
  });

  it('may merge by columns that a schema does not tell plainly', () => {
    const publish = [{ store: 'a', table: 't', mode: 'merge', key: ['sku'] }];
    const schemas: Json[] = [
      { type: 'array', items: { $ref: '#/$defs/row' } },
      { type: 'object', properties: { items: { type: 'array' } } },
      { properties: { name: {} }, allOf: [{ properties: { sku: {} } }] },
      {},
    ];
    const steps = Object.fromEntries(
      schemas.map((schema, index) => [`s${index}`, { task: { name: 'x', output_schema: schema }, publish }]),
    );

    expect(problemsOf(stringify({ name: 'x', steps }), 'x.yaml')).toEqual([]);
  });

  it('may use references wherever a step has a free text', () => {
    const text = [
      'name: x',
      'params: { table: { default: t }, column: {} }',
      'steps:',
      '  a:',
      '    task: { name: "Shops ${run.key}", since: "${run.scheduledTime}", output_schema: { properties: { sku: {} } } }',
      '    publish: [{ store: s, table: "${params.table}", mode: merge, key: ["${params.column}"] }]',
    ].join('\n');

    expect(problemsOf(text, 'x.yaml')).toEqual([]);
  });

  it('means the same as YAML and as JSON, and nothing of it is lost', () => {
    fc.assert(
      fc.property(pipelines(), (spec) => {
        expect(parsePipeline(stringify(spec), 'x.yaml')).toEqual({ spec });
        expect(parsePipeline(JSON.stringify(spec), 'x.json')).toEqual({ spec });
        expect(parsePipeline(JSON.stringify(spec, undefined, '\t'), 'x.json')).toEqual({ spec });
      }),
      { numRuns: 200 },
    );
  });
});

const names = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/).filter((name) => name !== '__proto__');
const texts = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('${'));
const durations = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.constantFrom('ms', ' minutes', 'h', ' days'));

/** Any JSON without references, as a vendor's field may hold it. */
const anything = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)
  .filter((value) => inexactNumber(JSON.stringify(value)) === undefined)
  .filter((value) => !/\$\{|"__proto__"|"<<"/.test(JSON.stringify(value)));

function optional<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

function pipelines(): fc.Arbitrary<PipelineSpec> {
  const duration = durations.map(([amount, unit]) => `${amount}${unit}`);
  const definition = fc.record(
    {
      name: texts,
      urls: fc.array(fc.webUrl(), { minLength: 1 }),
      payload: fc.dictionary(names, anything, { noNullPrototype: true }),
      input_source: anything,
      output_schema: fc.dictionary(names, anything, { noNullPrototype: true }),
    },
    { requiredKeys: ['name', 'urls'], noNullPrototype: true },
  );
  const share = fc.double({ min: 0, max: 1, noNaN: true }).filter((n) => !Object.is(n, -0));
  const options = optional({
    format: fc.constantFrom('json' as const, 'csv' as const),
    records: texts,
    accept: fc.constantFrom('completed' as const, 'partial' as const),
    expect: optional({
      minRows: fc.nat(),
      maxRejected: share,
      maxDrop: share,
    }),
    coerce: fc.boolean(),
    deadline: duration,
    onDeadline: fc.constantFrom('stop' as const, 'abandon' as const),
    giveUpAfter: duration,
    publish: fc.uniqueArray(
      fc.record(
        { store: texts, table: texts, mode: fc.constantFrom('append' as const, 'replace' as const) },
        { noNullPrototype: true },
      ),
      { selector: ({ store, table }) => JSON.stringify([store, table]), maxLength: 3 },
    ),
    onFailure: fc.constantFrom('fail' as const, 'continue' as const),
    secretPayload: fc.dictionary(names, fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,9}$/), { noNullPrototype: true }),
  });
  const step: fc.Arbitrary<StepSpec> = fc
    .tuple(options, fc.oneof(definition, fc.record({ id: texts }, { noNullPrototype: true })))
    .map(([rest, task]) => ({ ...rest, task }));
  const steps = fc.dictionary(names, step, { minKeys: 1, maxKeys: 4, noNullPrototype: true }).map(inARow);
  const params = fc.dictionary(names, optional({ default: anything, description: texts }), { noNullPrototype: true });
  const given = params.map((declared) => ({
    params: declared,
    schedule: {
      interval: '1 hour',
      params: Object.fromEntries(Object.entries(declared).map(([name, { default: value }]) => [name, value ?? null])),
    },
  }));
  const more = optional({
    parallel: fc.integer({ min: 1 }),
    failFast: fc.boolean(),
    maxExecutions: fc.integer({ min: 1 }),
    onFailure: fc.constant({ webhook: 'https://hooks.example/x', secret: 'HOOK' }),
  });
  return fc
    .tuple(fc.record({ name: names, steps }, { noNullPrototype: true }), more, fc.oneof(fc.constant({}), given))
    .map((parts) => Object.assign({}, ...parts) as PipelineSpec);
}

/** Each step after others, and with tables of its own. */
function inARow(steps: Readonly<Record<string, StepSpec>>): Readonly<Record<string, StepSpec>> {
  const order = Object.keys(steps);
  return Object.fromEntries(
    Object.entries(steps).map(([name, step], index) => {
      const publish = step.publish?.map((publication) => ({ ...publication, table: `${index}${publication.table}` }));
      const own = publish === undefined ? step : { ...step, publish };
      return [name, index === 0 ? own : { ...own, ...orders(order.slice(0, index))[index % ORDERS] }];
    }),
  );
}

const ORDERS = 4;

/** Each way to say that a step comes after others. */
function orders(before: readonly string[]): readonly Partial<StepSpec>[] {
  const last = before.at(-1) ?? '';
  return [
    { after: before },
    { after: last, when: { step: last, status: ['completed'], rows: { min: 0, max: 9 } } },
    { forEach: { rowsOf: last, field: 'url', batch: 5 }, task: { name: 'x', urls: '${batch}' } },
    { after: last },
  ];
}
