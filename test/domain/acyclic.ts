import * as fc from 'fast-check';
import type { Graph } from '../../src/domain/graph.js';

/** Nodes that only point to earlier ones: any such graph has no cycle. */
export const acyclic = fc
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
