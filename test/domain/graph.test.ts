import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle, walkGraph, type Graph } from '../../src/domain/graph.js';

/** Nodes that only point to earlier ones: any such graph has no cycle. */
const acyclic = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc
      .tuple(
        ...Array.from({ length: size }, (_, index) =>
          fc.subarray(Array.from({ length: index }, (_, before) => `n${before}`)),
        ),
      )
      .map((edges): Graph => new Map(edges.map((before, index) => [`n${index}`, before]))),
  );

describe('walking a graph', () => {
  it('visits every node once, after all before it', async () => {
    await fc.assert(
      fc.asyncProperty(acyclic, async (graph) => {
        const done: string[] = [];
        await walkGraph(graph, {
          async visit(name) {
            expect(done).toEqual(expect.arrayContaining([...(graph.get(name) ?? [])]));
            await Promise.resolve();
            done.push(name);
            return true;
          },
          skip: (name) => expect.unreachable(name),
        });
        expect(done.toSorted()).toEqual([...graph.keys()].toSorted());
      }),
    );
  });

  it('skips all that come after a failure, directly or not, and goes on with the others', async () => {
    const graph: Graph = new Map([
      ['a', []],
      ['b', ['a']],
      ['c', ['b']],
      ['d', []],
    ]);
    const visited: string[] = [];
    const skipped: string[] = [];
    await walkGraph(graph, {
      async visit(name) {
        visited.push(name);
        return name !== 'a';
      },
      skip: (name) => skipped.push(name),
    });
    expect(visited).toEqual(['a', 'd']);
    expect(skipped).toEqual(['b', 'c']);
  });

  it('runs side by side what does not wait for each other', async () => {
    let running = 0;
    let most = 0;
    const graph: Graph = new Map(['a', 'b', 'c'].map((name) => [name, []]));
    await walkGraph(graph, {
      async visit() {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        return true;
      },
      skip: () => undefined,
    });
    expect(most).toBe(3);
  });
});

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
