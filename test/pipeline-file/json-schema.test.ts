import { readdirSync, readFileSync } from 'node:fs';
import { registerSchema, validate as hyperjump, type SchemaObject } from '@hyperjump/json-schema/draft-07';
import { Ajv } from 'ajv';
import * as ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pipelineJsonSchema } from '../../src/pipeline-file/json-schema.js';
import { BROKEN_FILES, textOf } from './broken-files.js';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
ajvFormats.default.default(ajv);
const validate = ajv.compile(pipelineJsonSchema());

registerSchema(pipelineJsonSchema() as SchemaObject);
const judge = await hyperjump('urn:titanflow:pipeline-file');

/** Two validators that have no line in common. */
const VALIDATORS = [
  ['ajv', (file: unknown): boolean => validate(file)],
  ['hyperjump', (file: unknown): boolean => judge(file as Parameters<typeof judge>[0]).valid],
] as const;

/** Well-formed files of which a schema cannot know that they are broken: one place in them contradicts another. */
const ONLY_VALIDATE_KNOWS = [
  'batch-inside-text.yaml',
  'batch-not-used.yaml',
  'batch-without-for-each.yaml',
  'broken-in-another-file.yaml',
  'circles.yaml',
  'cron.yaml',
  'files-in-a-circle.yaml',
  'merge-keys.yaml',
  'missing-files.yaml',
  'params-of-another-pipeline.yaml',
  'references-not-filled-in.yaml',
  'replaced-by-two-steps.yaml',
  'replaced-in-another-file.yaml',
  'schedule-params.yaml',
  'table-twice.yaml',
  'timezone.yaml',
  'two-keys-of-a-table.yaml',
  'unknown-field.yaml',
  'unknown-references.yaml',
  'unknown-steps.yaml',
  'unknown-stores.yaml',
  'unusable-schemas.yaml',
];
/** Files that no parser hands to a schema. */
const UNREADABLE = new Set([
  'comma.json',
  'comments.json',
  'duplicate-keys.yaml',
  'indentation.yaml',
  'merge-keys-of-yaml.yaml',
]);
const READABLE = BROKEN_FILES.filter((name) => !UNREADABLE.has(name));

function accepts(step: object): boolean {
  return validate({ name: 'x', steps: { a: { task: { id: 't' }, ...step } } });
}

describe.each(VALIDATORS)('the published JSON Schema, as %s reads it,', (_, accepts) => {
  it.each(readdirSync('examples').filter((name) => name.endsWith('.yaml') && name !== 'stores.yaml'))(
    'accepts examples/%s, which names it for editors',
    (name) => {
      const text = read(`examples/${name}`);

      expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/pipeline.schema.json');
      expect(accepts(parse(text))).toBe(true);
    },
  );

  it('refuses every broken file, but for those that only `validate` can know to be broken', () => {
    expect(READABLE.filter((name) => accepts(parse(textOf(name))))).toEqual(ONLY_VALIDATE_KNOWS);
  });
});

describe('the published JSON Schema', () => {
  it('is the one that the code makes', () => {
    expect(JSON.parse(read('schema/pipeline.schema.json')), 'it is out of date, run: npm run schema').toEqual(
      pipelineJsonSchema(),
    );
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
    ['another pipeline beside a task', { pipeline: './other.yaml' }],
    ['parameters of a task', { params: {} }],
    ['a forEach over a saved task', { forEach: { rowsOf: 'b', field: 'url' } }],
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
    if (keyword === 'if' || keyword === 'then') return [];
    if (keyword !== 'properties') return keysWithoutDescription(value, `${path}/${keyword}`);
    return Object.entries(value as Record<string, object>).flatMap(([key, property]) => [
      ...('description' in property ? [] : [`${path}/${key}`]),
      ...keysWithoutDescription(property, `${path}/${key}`),
    ]);
  });
}
