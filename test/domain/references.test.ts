import { describe, expect, it } from 'vitest';
import { fillBatch, referencesIn, resolveReferences } from '../../src/domain/references.js';

const scope = {
  params: { query: 'laptops', urls: ['a', 'b'], count: 3 },
  run: { key: 'k1', scheduledTime: '2026-01-01T00:00:00.000Z' },
};

describe('a reference', () => {
  it.each([
    ['https://x?q=${params.query}', 'https://x?q=laptops'],
    ['${params.urls}', ['a', 'b']],
    ['n=${params.count}', 'n=3'],
    ['${params.count}', 3],
    ['${run.key} at ${run.scheduledTime}', 'k1 at 2026-01-01T00:00:00.000Z'],
    ['costs $5 {not one}', 'costs $5 {not one}'],
  ])('in %j becomes %j', (text, value) => {
    expect(resolveReferences(text, scope)).toEqual(value);
  });

  it('is found at any depth, and keys are left alone', () => {
    const value = { '${params.query}': [{ url: '${params.query}', n: 1, none: null }] };
    expect(resolveReferences(value, scope)).toEqual({ '${params.query}': [{ url: 'laptops', n: 1, none: null }] });
  });

  it.each(['${params.qery}', 'x ${batch}', '${}', '${params.__proto__}', '${params.toString}'])(
    '%s has no value',
    (text) => {
      expect(() => resolveReferences(text, scope)).toThrow(/\$\{[^}]*\} has no value/);
    },
  );

  it('does not resolve what a parameter brings in', () => {
    const tricky = { ...scope, params: { query: '${run.key}' } };
    expect(resolveReferences('${params.query}', tricky)).toBe('${run.key}');
  });

  it('is looked for once, however many begin and do not end', () => {
    const open = '${'.repeat(500_000);
    expect(resolveReferences(`\${params.query}${open}`, scope)).toBe(`laptops${open}`);
    expect(referencesIn(open)).toEqual([]);
  });

  it('is listed by name', () => {
    expect(referencesIn('${params.a}-${run.key}')).toEqual(['params.a', 'run.key']);
  });

  it('to a batch waits until its values are known', () => {
    const task = { name: '${params.query}', urls: '${batch}', payload: { pages: ['${batch}', 'not ${batch}'] } };

    const { payload: _, ...resolved } = resolveReferences({ ...task, payload: {} }, scope);

    expect(resolved).toEqual({ name: 'laptops', urls: '${batch}' });
    expect(fillBatch(task, ['a', 1])).toEqual({
      name: '${params.query}',
      urls: ['a', 1],
      payload: { pages: [['a', 1], 'not ${batch}'] },
    });
  });
});
