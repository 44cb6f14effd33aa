/** A node's name to the names of those before it. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export interface Visitor {
  /** Resolves to whether the node ended well. */
  readonly visit: (name: string) => Promise<boolean>;
  /** Called instead of `visit` where one before did not end well. */
  readonly skip: (name: string) => void;
}

/** Visits each node as soon as all before it have ended well, as many at once as the graph allows. It must have no cycle. */
export async function walkGraph(graph: Graph, { visit, skip }: Visitor): Promise<void> {
  const outcomes = new Map<string, Promise<boolean>>();

  function outcomeOf(name: string): Promise<boolean> {
    const known = outcomes.get(name);
    if (known) return known;
    const outcome = reach(name);
    outcomes.set(name, outcome);
    return outcome;
  }

  async function reach(name: string): Promise<boolean> {
    const before = await Promise.all((graph.get(name) ?? []).map(outcomeOf));
    if (before.every(Boolean)) return visit(name);
    skip(name);
    return false;
  }

  await Promise.all([...graph.keys()].map(outcomeOf));
}

/** A circle of nodes that wait for each other, as `a -> b -> a`; undefined if there is none. */
export function findCycle(graph: Graph): string | undefined {
  const done = new Set<string>();

  function visit(name: string, path: readonly string[]): string | undefined {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name].join(' -> ');
    if (done.has(name)) return undefined;
    for (const before of graph.get(name) ?? []) {
      const cycle = visit(before, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  }

  return [...graph.keys()].map((name) => visit(name, [])).find((cycle) => cycle !== undefined);
}
