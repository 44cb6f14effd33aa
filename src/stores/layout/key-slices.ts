/** Tells which keys are this slice's. */
export interface KeySlice {
  /** Rows without a key are the first slice's. */
  readonly isFirst: boolean;
  has(id: string): boolean;
}

/**
 * Cuts the keys of so many rows into slices that fit into memory. Whoever compares keys goes over the rows once for each
 * slice: a big table takes longer, not more memory.
 *
 * @param atOnce how many keys a slice may hold
 */
export function keySlices(rows: number, atOnce: number): readonly KeySlice[] {
  const count = Math.max(1, Math.ceil(rows / atOnce));
  if (count === 1) {
    return [{ isFirst: true, has: () => true }];
  }
  return Array.from({ length: count }, (_, slice) => ({
    isFirst: slice === 0,
    has: (id) => hashOf(id) % count === slice,
  }));
}

/** FNV-1a: the same in every process, and even enough. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
