/** How often each reason was given. Of very many reasons the first ones are told apart. */
export interface Reasons {
  add(reason: string, count?: number): void;
  /** The most frequent ones first. */
  counts(): readonly (readonly [reason: string, count: number])[];
}

export function createReasons(): Reasons {
  const counts = new Map<string, number>();
  return {
    add(reason, count = 1) {
      const name = counts.has(reason) || counts.size < TOLD_APART ? reason : OTHERS;
      counts.set(name, (counts.get(name) ?? 0) + count);
    },
    counts: () => [...counts].toSorted(([, a], [, b]) => b - a),
  };
}

const TOLD_APART = 100;
const OTHERS = 'other reasons';
