import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/domain/graph.js';
import { walkGraph } from '../../src/domain/walk-graph.js';
import { acyclic } from './acyclic.js';

/** Lets others go on for so many turns. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('walking a graph', () => {
  it('comes to each node once, after all before it, and never to more at once than it may', async () => {
    const walk = fc.record({
      graph: acyclic,
      parallel: fc.integer({ min: 1, max: 4 }),
      lengths: fc.array(fc.nat(5), { minLength: 12, maxLength: 12 }),
      skipped: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(walk, async ({ graph, parallel, lengths, skipped }) => {
        const names = [...graph.keys()];
        const over: string[] = [];
        let running = 0;
        await walkGraph(graph, {
          parallel,
          starts(name) {
            expect(over).toEqual(expect.arrayContaining([...(graph.get(name) ?? [])]));
            if (!skipped[names.indexOf(name)]) return true;
            over.push(name);
            return false;
          },
          async visit(name) {
            expect(++running).toBeLessThanOrEqual(parallel);
            await turns(lengths[names.indexOf(name)] ?? 0);
            running--;
            over.push(name);
          },
        });
        expect(over.toSorted()).toEqual(names.toSorted());
      }),
    );
  });

  it('runs as many at once as the graph allows, and none waits for what it does not come after', async () => {
    const graph: Graph = new Map([
      ['slow', []],
      ['a', []],
      ['b', ['a']],
      ['c', ['b', 'slow']],
    ]);
    const log: string[] = [];
    await walkGraph(graph, {
      starts: () => true,
      async visit(name) {
        log.push(name);
        await turns(name === 'slow' ? 50 : 1);
        log.push(`${name} over`);
      },
    });
    expect(log).toEqual(['slow', 'a', 'a over', 'b', 'b over', 'slow over', 'c', 'c over']);
  });

  it('with room for one starts them in the order in which they are written', async () => {
    const log: string[] = [];
    const graph: Graph = new Map(['c', 'a', 'b'].map((name) => [name, []]));
    await walkGraph(graph, { parallel: 1, starts: () => true, visit: async (name) => void log.push(name) });
    expect(log).toEqual(['c', 'a', 'b']);
  });
});

describe('a graph of many nodes', () => {
  it.each([
    ['that do not wait for each other', () => []],
    ['in one line', (at: number) => (at === 0 ? [] : [`n${at - 1}`])],
  ])(
    '%s is walked in one go',
    async (_, before: (at: number) => string[]) => {
      const names = Array.from({ length: 5_000 }, (_each, at) => `n${at}`);
      const log: string[] = [];
      await walkGraph(new Map(names.map((name, at) => [name, before(at)])), {
        starts: () => true,
        visit: async (name) => void log.push(name),
      });
      expect(log).toEqual(names);
    },
    5_000,
  );
});
