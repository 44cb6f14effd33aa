import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle } from '../../src/domain/graph.js';
import { acyclic } from './acyclic.js';

describe('a cycle', () => {
  it.each([
    [{ a: ['a'] }, 'a -> a'],
    [{ a: ['b'], b: ['c'], c: ['b'] }, 'b -> c -> b'],
  ])('in %j is %s', (graph, cycle) => {
    expect(findCycle(new Map(Object.entries(graph)))).toBe(cycle);
  });

  it('is never found where there is none', () => {
    fc.assert(fc.property(acyclic, (graph) => findCycle(graph) === undefined));
  });
});
