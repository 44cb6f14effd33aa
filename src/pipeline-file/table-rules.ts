import { oneOf, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, listOf, objectOf } from './rules.js';

/** One publication, of a step itself or of the pipeline that it runs. */
interface Use {
  readonly step: string;
  readonly store: string;
  readonly table: string;
  readonly mode: unknown;
  /** Whatever order it is written in. */
  readonly key: readonly string[];
  /** Where it is written, or where the pipeline is named that has it. */
  readonly path: Finding['path'];
}

/** Several steps may fill one table, but not where one takes away what another has put there. */
export function tableRule(pipeline: unknown): readonly Finding[] {
  const uses = Object.entries(objectOf(objectOf(pipeline)['steps'])).flatMap(([name, step]) => usesOf(name, step));
  return uses.flatMap((use) => conflicts(use, uses));
}

function usesOf(name: string, step: unknown): readonly Use[] {
  const { publish, pipeline } = objectOf(step);
  const own = listOf(publish).flatMap((publication, index): readonly Use[] => {
    const { store, table, mode, key } = objectOf(publication);
    if (typeof store !== 'string' || typeof table !== 'string') return [];
    const path = ['steps', name, 'publish', index];
    return [{ step: name, store, table, mode, key: listOf(key).map(String).toSorted(), path }];
  });
  if (!isObject(pipeline)) return own;
  const within = Object.entries(objectOf(pipeline['steps'])).flatMap(([inner, its]) => usesOf(inner, its));
  // What the references in it become is another thing for each step that runs it.
  const fixed = within.filter(({ store, table }) => !`${store}${table}`.includes('${'));
  return [...own, ...fixed.map((use) => ({ ...use, step: name, path: ['steps', name, 'pipeline'] }))];
}

function conflicts(use: Use, uses: readonly Use[]): readonly Finding[] {
  const others = uses.filter(
    ({ step, store, table }) => step !== use.step && store === use.store && table === use.table,
  );
  const table = `table ${quote(use.table)} of store ${quote(use.store)}`;
  if (use.mode === 'replace' && others.length > 0) {
    return [{ path: use.path, message: `replaces ${table}, which ${stepsOf(others)} publishes to as well: ${CURE}` }];
  }
  const replacing = others.filter(({ mode }) => mode === 'replace');
  if (replacing.length > 0) {
    return [{ path: use.path, message: `publishes to ${table}, which ${stepsOf(replacing)} replaces: ${CURE}` }];
  }
  const merging = others.filter(({ mode, key }) => mode === 'merge' && key.join() !== use.key.join());
  if (use.mode !== 'merge' || merging.length === 0) return [];
  const cure = 'use one key, or another table';
  return [{ path: use.path, message: `merges ${table}, which ${stepsOf(merging)} merges by another key: ${cure}` }];
}

const CURE = 'use another table, or "append" or "merge" in all of them';

function stepsOf(uses: readonly Use[]): string {
  return `step ${oneOf([...new Set(uses.map(({ step }) => quote(step)))])}`;
}
