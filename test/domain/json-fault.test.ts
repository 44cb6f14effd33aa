import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../src/domain/json-fault.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the search for what is no JSON', () => {
  it('agrees with JSON.parse on texts that are JSON, and on those with one character more or less', () => {
    const spoiled = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom(...Array.from('{}[]:,"\\ 01.e-+tn/#\t\n')),
      fc.boolean(),
    );
    fc.assert(
      fc.property(spoiled, ([json, position, character, removes]) => {
        const at = position % (json.length + 1);
        const text = removes ? json.slice(0, at) + json.slice(at + 1) : json.slice(0, at) + character + json.slice(at);
        expect(findJsonFault(json)).toBeUndefined();
        expect(findJsonFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes long texts and deep nesting', () => {
    expect(findJsonFault(JSON.stringify('x\n'.repeat(500_000)))).toBeUndefined();
    expect(findJsonFault(`${'['.repeat(50_000)}1${']'.repeat(49_999)}`)?.message).toContain('before the closing ]');
  });
});
