import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pipelineJsonSchema } from '../../src/pipeline-file/json-schema.js';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  pipelineJsonSchema(),
);

function accepts(step: object): boolean {
  return validate({ name: 'x', steps: { a: { task: { id: 't' }, ...step } } });
}

describe('the published JSON Schema', () => {
  it('is the one that the code makes', () => {
    expect(JSON.parse(read('schema/pipeline.schema.json')), 'it is out of date, run: npm run schema').toEqual(
      pipelineJsonSchema(),
    );
  });

  it.each(['product-prices', 'one-task'])('accepts examples/%s.yaml, which names it for editors', (name) => {
    const text = read(`examples/${name}.yaml`);

    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/pipeline.schema.json');
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  it('accepts the key that tells an editor where it is', () => {
    expect(validate({ $schema: './x.json', name: 'x', steps: { a: { task: { name: 'T' } } } })).toBe(true);
  });

  it.each([
    ['an unknown key on top', { name: 'x', steps: { a: { task: { id: 't' } } }, foo: 1 }],
    ['no steps', { name: 'x', steps: {} }],
    ['a bad name of a step', { name: 'x', steps: { 'a b': { task: { id: 't' } } } }],
    ['a parameter that is no mapping', { name: 'x', params: { q: 1 }, steps: { a: { task: { id: 't' } } } }],
  ])('refuses %s', (_, pipeline) => {
    expect(validate(pipeline)).toBe(false);
  });

  it.each([
    ['an unknown key of a step', { publsh: [] }],
    ['an unknown key of a publication', { publish: [{ store: 's', tabel: 't', table: 't', mode: 'append' }] }],
    ['an unknown key of expect', { expect: { rows: 1 } }],
    ['a merge without a key', { publish: [{ store: 's', table: 't', mode: 'merge' }] }],
    ['a key without a merge', { publish: [{ store: 's', table: 't', mode: 'append', key: ['a'] }] }],
    ['a task with an id and more', { task: { id: 't', name: 'x' } }],
    ['a task that the service would schedule', { task: { name: 'x', execution_type: 'scheduled' } }],
  ])('refuses %s', (_, step) => {
    expect(accepts({})).toBe(true);
    expect(accepts(step)).toBe(false);
  });

  it('tells what every key is for', () => {
    expect(keysWithoutDescription(pipelineJsonSchema(), '')).toEqual([]);
  });
});

/** Paths of properties that editors would show no help for. */
function keysWithoutDescription(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === 'if') return [];
    if (keyword !== 'properties') return keysWithoutDescription(value, `${path}/${keyword}`);
    return Object.entries(value as Record<string, object>).flatMap(([key, property]) => [
      ...('description' in property ? [] : [`${path}/${key}`]),
      ...keysWithoutDescription(property, `${path}/${key}`),
    ]);
  });
}
