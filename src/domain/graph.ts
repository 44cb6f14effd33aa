/** A node's name to the names of those before it. */
export type Graph = ReadonlyMap<string, readonly string[]>;

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
