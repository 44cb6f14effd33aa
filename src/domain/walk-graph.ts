import type { Graph } from './graph.js';

export interface Walk {
  /** Most nodes at once; default: as many as the graph allows. */
  readonly parallel?: number;
  /** Asked once of each node, when all before it are over and there is room for it. One that does not start is over. */
  readonly starts: (name: string) => boolean;
  /** Resolves when the node is over, however it ended; it must not reject. */
  readonly visit: (name: string) => Promise<void>;
}

/**
 * Visits each node once, after all before it, and nodes that are ready in the graph's own order. It must have no cycle.
 * Each node and each line between two is looked at once: a large graph may be walked in one go.
 */
export async function walkGraph(graph: Graph, { parallel = Infinity, starts, visit }: Walk): Promise<void> {
  const readiness = createReadiness(graph);
  /** Nodes that are over, and that the loop below has not seen yet. */
  const ended = new Set<string>();
  let running = 0;
  let wake = (): void => undefined;

  async function run(name: string): Promise<void> {
    await visit(name);
    running -= 1;
    ended.add(name);
  }

  async function start(name: string): Promise<void> {
    running += 1;
    await run(name);
    // Otherwise the loop saw it already, together with another.
    if (ended.has(name)) wake();
  }

  for (;;) {
    for (const name of ended) readiness.over(name);
    ended.clear();
    const next = running < parallel ? readiness.next() : undefined;
    if (next !== undefined) {
      if (starts(next)) void start(next);
      else readiness.over(next);
    } else if (running > 0) {
      await new Promise<void>((resolve) => (wake = resolve));
    } else {
      return;
    }
  }
}

interface Readiness {
  /** Takes the first node that is ready. */
  readonly next: () => string | undefined;
  readonly over: (name: string) => void;
}

function createReadiness(graph: Graph): Readiness {
  const names = [...graph.keys()];
  const places = new Map(names.map((name, place) => [name, place]));
  const after = new Map<string, string[]>(names.map((name) => [name, []]));
  const missing = new Map<string, number>();
  for (const [name, before] of graph) {
    const each = new Set(before);
    missing.set(name, each.size);
    for (const one of each) after.get(one)?.push(name);
  }
  // Positions of ready nodes in the graph's own order, ascending.
  const ready = names.flatMap((name, place) => (missing.get(name) === 0 ? [place] : []));
  // Nodes that were taken stay before this index: removing them would move all the others.
  let first = 0;

  function add(place: number): void {
    let [low, high] = [first, ready.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ready[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    ready.splice(low, 0, place);
  }

  return {
    next() {
      const place = ready[first];
      if (place === undefined) return undefined;
      first += 1;
      return names[place];
    },
    over(name) {
      for (const next of after.get(name) ?? []) {
        const left = (missing.get(next) ?? 0) - 1;
        missing.set(next, left);
        if (left === 0) add(places.get(next) ?? 0);
      }
    },
  };
}
