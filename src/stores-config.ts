import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decodeText } from './domain/decode-text.js';
import type { StoresConfig } from './domain/store-config.js';
import type { KnownStores } from './pipeline-file/known-stores.js';
import { formatProblem, type Problem } from './pipeline-file/problems.js';
import { parseStoreNames, parseStores } from './pipeline-file/read-stores-file.js';
import { readSettings, settings, type Environment } from './settings.js';
import { UserError } from './user-error.js';

const DEFAULT_STORES_FILE = 'stores.yaml';
const storesSettings = settings.pick({ TITANFLOW_STORES: true });

/** @throws UserError naming every setting that is wrong */
export function loadStoresConfig(env: Environment = process.env): StoresConfig {
  return loadStores(readSettings(storesSettings, env).TITANFLOW_STORES, env);
}

/** The stores that there are, or what is wrong with their file; variables that it names need not be set. */
export function loadKnownStores(
  env: Environment = process.env,
): KnownStores | { readonly problems: readonly Problem[] } {
  const { TITANFLOW_STORES: named } = readSettings(storesSettings, env);
  const file = named ?? DEFAULT_STORES_FILE;
  if (named === undefined && !existsSync(file)) return { names: ['local'] };
  if (!existsSync(file))
    return { problems: [{ path: [], message: 'there is no such file, TITANFLOW_STORES names it', file }] };
  const decoded = decodeText(readBytes(file));
  const stores =
    'text' in decoded ? parseStoreNames(decoded.text, file, env) : { problems: [{ path: [], ...decoded }] };
  return 'names' in stores
    ? { ...stores, file }
    : { problems: stores.problems.map((problem) => ({ ...problem, file })) };
}

function loadStores(file: string | undefined, env: Environment): StoresConfig {
  const path = file ?? DEFAULT_STORES_FILE;
  if (file === undefined && !existsSync(path)) {
    return { local: { kind: 'files', directory: resolve('out'), format: 'jsonl' } };
  }
  const decoded = decodeText(readBytes(path));
  const read =
    'text' in decoded
      ? parseStores(decoded.text, path, env, dirname(resolve(path)))
      : { problems: [{ path: [], ...decoded }] };
  if ('stores' in read) return read.stores;
  throw new UserError(2, read.problems.map((problem) => formatProblem(path, problem)).join('\n'));
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new UserError(2, `TITANFLOW_STORES: cannot read ${path}`);
  }
}
