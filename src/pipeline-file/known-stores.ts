import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { listOf, objectOf } from './rules.js';
import { stepsIn } from './steps-in.js';

/** The stores that a pipeline can publish to. */
export interface KnownStores {
  readonly names: readonly string[];
  /** Where they come from; left out where there is no stores file. */
  readonly file?: string;
}

/** Publications to stores that nobody knows. */
export function unknownStores(pipeline: unknown, { names, file }: KnownStores): readonly Finding[] {
  return stepsIn(pipeline).flatMap(({ path, step }) =>
    listOf(step['publish']).flatMap((publication, index): readonly Finding[] => {
      const { store } = objectOf(publication);
      if (typeof store !== 'string' || store === '' || store.includes('${') || names.includes(store)) return [];
      const where = file === undefined ? ': without a stores file there is only "local"' : ` in ${file}`;
      const meant = file === undefined ? '' : hint(store, names);
      return [
        { path: [...path, 'publish', index, 'store'], message: `there is no store ${quote(store)}${where}${meant}` },
      ];
    }),
  );
}
