import { resolve } from 'node:path';
import type { StoreConfig, StoresConfig } from '../domain/store-config.js';
import { referencesIn } from '../domain/references.js';
import { quote } from './nearest.js';
import type { Finding, Problem } from './problems.js';
import { objectOf } from './rules.js';
import { readSource } from './source.js';
import { storesFile, type StoresFile } from './stores-schema.js';
import { validate } from './validate.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the stores file. `${NAME}` in a value is taken from the environment; what comes from there is in no problem.
 *
 * @param baseDirectory what relative paths in it are relative to.
 */
export function parseStores(
  text: string,
  fileName: string,
  env: Environment,
  baseDirectory: string,
): { readonly stores: StoresConfig } | { readonly problems: Problem[] } {
  const read = readStores(text, fileName, env);
  if ('problems' in read) return read;
  const { stores, unset, wrong, locate } = read;
  if (stores === undefined || unset.length > 0) return { problems: locate([...unset.map(atItsKey), ...wrong]) };
  const configs = Object.entries(stores).map(([name, store]) => [name, configOf(store, baseDirectory)]);
  return { stores: Object.fromEntries(configs) };
}

/** Only the names of the stores, on a machine that may not have the variables that its values are taken from. */
export function parseStoreNames(
  text: string,
  fileName: string,
  env: Environment,
): { readonly names: readonly string[] } | { readonly problems: Problem[] } {
  const read = readStores(text, fileName, env);
  if ('problems' in read) return read;
  return read.wrong.length > 0 ? { problems: read.locate(read.wrong) } : { names: read.names };
}

interface ReadStores {
  /** Undefined where a value is wrong, or not known. */
  readonly stores: StoresFile | undefined;
  readonly names: readonly string[];
  readonly unset: readonly Finding[];
  readonly wrong: readonly Finding[];
  locate(findings: readonly Finding[]): Problem[];
}

function readStores(text: string, fileName: string, env: Environment): ReadStores | { readonly problems: Problem[] } {
  const source = readSource(text, fileName);
  if ('problems' in source) return source;
  const unset: Finding[] = [];
  const filled = fillIn(source.value, [], env, unset);
  const result = validate(storesFile, filled, source.value);
  const known = new Set(unset.map(({ path }) => JSON.stringify(path)));
  return {
    stores: 'data' in result ? result.data.stores : undefined,
    names: Object.keys(objectOf(objectOf(source.value)['stores'])),
    unset,
    wrong: 'data' in result ? [] : result.findings.filter(({ path }) => !known.has(JSON.stringify(path))),
    locate: (findings) => source.locate(findings).map(underItsStore),
  };
}

/** The whole setting is what is wrong, not the text of its value. */
function atItsKey({ path, message }: Finding): Finding {
  const key = path.at(-1);
  return typeof key === 'string' ? { path: path.slice(0, -1), key, message } : { path, message };
}

function underItsStore(problem: Problem): Problem {
  const [top, name] = problem.path;
  if (top !== 'stores' || name === undefined) return problem;
  return { ...problem, path: [], message: `store ${quote(String(name))}: ${problem.message}` };
}

/**
 * The value with its `${NAME}`s filled in, without the blanks and line breaks at the ends of what is filled in; a text with a
 * name that is not set stays as it is.
 */
function fillIn(value: unknown, path: Finding['path'], env: Environment, unset: Finding[]): unknown {
  if (typeof value === 'string') {
    const names = new Set(referencesIn(value));
    const missing = [...names].filter((name) => !Object.hasOwn(env, name) || (env[name] ?? '').trim() === '');
    unset.push(...missing.map((name) => ({ path, message: `${name} is not set` })));
    return missing.length > 0
      ? value
      : value.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => (env[name] ?? '').trim());
  }
  if (Array.isArray(value)) return value.map((item, index) => fillIn(item, [...path, index], env, unset));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, fillIn(item, [...path, key], env, unset)]);
  return Object.fromEntries(entries);
}

function configOf(store: StoresFile[string], baseDirectory: string): StoreConfig {
  switch (store.kind) {
    case 'duckdb':
      return { ...store, path: resolve(baseDirectory, store.path) };
    case 'postgres':
      return store;
    case 'files':
      return { format: 'jsonl', ...store, directory: resolve(baseDirectory, store.directory) };
    case 's3':
      return { format: 'jsonl', ...store, prefix: (store.prefix ?? '').replaceAll(/^\/+|\/+$/g, '') };
  }
}
