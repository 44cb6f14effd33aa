import { resolve } from 'node:path';
import { faultInS3Endpoint, storeEndpointCure } from '../domain/s3-endpoint.js';
import type { StoreConfig, StoresConfig } from '../domain/store-config.js';
import { fillInVariables, withoutDefaults, type Environment } from './fill-in-variables.js';
import { quote } from './nearest.js';
import type { Finding, Problem } from './problems.js';
import { objectOf } from './rules.js';
import { valueAt } from './schema-walk.js';
import { readSource } from './source.js';
import { storesFile, type StoresFile } from './stores-schema.js';
import { validate } from './validate.js';

/**
 * Reads the stores file. `${NAME}` in a value is taken from the environment; neither what comes from there nor a default is in
 * any problem.
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
  if (stores === undefined || unset.length > 0 || wrong.length > 0)
    return { problems: locate([...unset.map(atItsKey), ...wrong]) };
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
  const { value, unset, wrong } = fillInVariables(source.value, env);
  const result = validate(storesFile, value, withoutDefaults(source.value));
  const known = new Set([...unset, ...wrong].map(({ path }) => JSON.stringify(path)));
  const misfits = 'data' in result ? [] : result.findings.filter(({ path }) => !known.has(JSON.stringify(path)));
  const stores = 'data' in result ? result.data.stores : undefined;
  return {
    stores,
    names: Object.keys(objectOf(objectOf(source.value)['stores'])),
    unset,
    wrong: [
      ...wrong,
      ...misfits.map((finding) => ofOtherType(finding, source.value)),
      ...Object.entries(stores ?? {}).flatMap(([name, store]) => elsewhere(name, store, env)),
    ],
    locate: (findings) => source.locate(findings).map(underItsStore),
  };
}

/** The AWS SDK takes the server of a store without an endpoint from the environment. */
function elsewhere(name: string, store: StoresFile[string], env: Environment): readonly Finding[] {
  if (store.kind !== 's3' || store.endpoint !== undefined) return [];
  const variable = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'].find((known) => (env[known] ?? '').trim() !== '');
  if (variable === undefined) return [];
  const fault = faultInS3Endpoint((env[variable] ?? '').trim(), store.bucket, storeEndpointCure(store.bucket));
  return fault === undefined ? [] : [{ path: ['stores', name], message: `${variable} ${fault}` }];
}

/** A number may be part of a secret: only that it is one is said. */
function ofOtherType(finding: Finding, value: unknown): Finding {
  const found = valueAt(value, finding.path);
  if (typeof found !== 'number' || !finding.message.includes('must be a text')) return finding;
  return { ...finding, message: `${quote(String(finding.path.at(-1)))} must be a text, is a number: put it in quotes` };
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
