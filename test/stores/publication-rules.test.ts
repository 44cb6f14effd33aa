import { describe, expect, it } from 'vitest';
import type { Publication } from '../../src/domain/run.js';
import {
  isSuperseded,
  requireAllowed,
  requirePossible,
  requireSameTerms,
  unitedColumns,
} from '../../src/stores/publication-rules.js';

const merge: Publication = { store: 's', table: 't', mode: 'merge', key: ['a', 'b'] };
const append: Publication = { store: 's', table: 't', mode: 'append' };
const replace: Publication = { store: 's', table: 't', mode: 'replace' };

describe('the rules of publishing', () => {
  it('know a key by its columns, in any order, and only where rows are merged', () => {
    const turned = { ...merge, key: ['b', 'a'] };
    requireSameTerms(turned, 'r', { mode: 'merge', key: ['a', 'b'] });
    requireSameTerms({ ...append, key: ['a'] }, 'r', { mode: 'append', key: undefined });
    requireAllowed(turned, 'others', { owner: 'me', key: ['a', 'b'] });
    expect(() => requireSameTerms({ ...merge, key: ['a'] }, 'r', { mode: 'merge', key: ['a', 'b'] })).toThrow(
      'Table "t": run r was published to it with merge by "a", "b", so it cannot be published again with merge by "a".',
    );
  });

  it('let anybody do anything with a table that nobody owns, and its owner with theirs', () => {
    requireAllowed(replace, 'me', undefined);
    requireAllowed(replace, 'me', { owner: 'me', key: ['a'] });
    requireAllowed(append, 'others', { owner: 'me', key: ['a'] });
    expect(() => requireAllowed(replace, 'others', { owner: 'me', key: undefined })).toThrow(
      'Table "t": it belongs to "me": "others" may append or merge, not replace.',
    );
  });

  it('refuse nothing for want of columns that are not known yet', () => {
    requirePossible(merge, undefined);
    expect(() => requirePossible(merge, [{ name: 'a', type: 'text' }])).toThrow(
      'Table "t": the key names "b", but the rows have the columns "a".',
    );
    expect(() => requirePossible({ ...merge, key: [] }, undefined)).toThrow('merge needs a key');
  });

  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.1Z', true],
    ['2026-01-01T00:00:00.10Z', '2026-01-01T00:00:00.1Z', false],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00+00:00', false],
    ['2026-01-01T01:00:00+02:00', '2026-01-01T00:00:00Z', true],
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['2026-01-01T00:00:00Z', undefined, false],
  ])('a replace at %s after one at %s is superseded: %s', (at, replacedAt, superseded) => {
    expect(isSuperseded('replace', at, replacedAt)).toBe(superseded);
    expect(isSuperseded('append', at, replacedAt)).toBe(false);
  });

  it('unite columns in the order of the table, with the type that holds both', () => {
    const have = [
      { name: 'a', type: 'numeric', holds: 'numeric' },
      { name: 'b', type: 'jsonb', holds: 'jsonb' },
      { name: 'c', type: 'uuid', holds: undefined },
    ] as const;
    expect(
      unitedColumns('t', have, [
        { name: 'd', type: 'text' },
        { name: 'b', type: 'text' },
        { name: 'a', type: 'bigint' },
      ]),
    ).toEqual([
      { name: 'a', type: 'numeric' },
      { name: 'b', type: 'jsonb' },
      { name: 'd', type: 'text' },
    ]);
    expect(() => unitedColumns('t', have, [{ name: 'c', type: 'text' }])).toThrow(
      'Table "t": its column "c" is uuid, but the rows have text; change the table or the output_schema, or publish to another table.',
    );
  });
});
