import type { Graph } from './graph.js';

export interface Walk {
  /** Most nodes at once; default: as many as the graph allows. */
  readonly parallel?: number;
  /** Asked once of each node, when all before it are over and there is room for it. One that does not start is over. */
  readonly starts: (name: string) => boolean;
  /** Resolves when the node is over, however it ended; it must not reject. */
  readonly visit: (name: string) => Promise<void>;
}

/** Comes to each node once, after all before it; to those that are ready in the graph's own order. It must have no cycle. */
export async function walkGraph(graph: Graph, { parallel = Infinity, starts, visit }: Walk): Promise<void> {
  const waiting = new Set(graph.keys());
  const over = new Set<string>();
  const running = new Map<string, Promise<void>>();

  const nextReady = (): string | undefined =>
    [...waiting].find((name) => (graph.get(name) ?? []).every((before) => over.has(before)));

  async function run(name: string): Promise<void> {
    await visit(name);
    running.delete(name);
    over.add(name);
  }

  for (;;) {
    const next = running.size < parallel ? nextReady() : undefined;
    if (next !== undefined) {
      waiting.delete(next);
      if (starts(next)) running.set(next, run(next));
      else over.add(next);
    } else if (running.size > 0) {
      await Promise.race(running.values());
    } else {
      return;
    }
  }
}
