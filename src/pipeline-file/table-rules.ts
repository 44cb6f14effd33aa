import { oneOf, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { listOf, objectOf } from './rules.js';

interface Use {
  readonly step: string;
  readonly path: Finding['path'];
  readonly mode: unknown;
  /** Whatever order it is written in. */
  readonly key: readonly string[];
}

/** Several steps may fill one table, but not where one takes away what another has put there. */
export function tableRule(pipeline: unknown): readonly Finding[] {
  return [...usesByTable(objectOf(objectOf(pipeline)['steps'])).values()].flatMap(conflicts);
}

function usesByTable(steps: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const [step, { publish }] of Object.entries(steps).map(([name, value]) => [name, objectOf(value)] as const)) {
    for (const [index, publication] of listOf(publish).entries()) {
      const { store, table, mode, key } = objectOf(publication);
      if (typeof store !== 'string' || typeof table !== 'string') continue;
      const target = JSON.stringify([store, table]);
      const path = ['steps', step, 'publish', index];
      uses.set(target, [...(uses.get(target) ?? []), { step, path, mode, key: listOf(key).map(String).toSorted() }]);
    }
  }
  return uses;
}

function conflicts(uses: readonly Use[]): readonly Finding[] {
  return uses.flatMap(({ step, path, mode, key }): readonly Finding[] => {
    const others = uses.filter((use) => use.step !== step);
    const replacing = others.filter((use) => use.mode === 'replace');
    if (mode === 'replace' && others.length > 0) {
      return [{ path, message: `would replace what ${stepsOf(others)} publishes to this table: ${CURE}` }];
    }
    if (replacing.length > 0) return [{ path, message: `${stepsOf(replacing)} would replace these rows: ${CURE}` }];
    const merging = others.filter((use) => use.mode === 'merge' && use.key.join() !== key.join());
    if (mode !== 'merge' || merging.length === 0) return [];
    const message = `${stepsOf(merging)} merges this table by another key: use one key, or another table`;
    return [{ path: [...path, 'key'], message }];
  });
}

const CURE = 'use another table, or "append" or "merge" in all of them';

function stepsOf(uses: readonly Use[]): string {
  return `step ${oneOf([...new Set(uses.map(({ step }) => quote(step)))])}`;
}
