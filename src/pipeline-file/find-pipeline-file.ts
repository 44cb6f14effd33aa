import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { hint, oneOf, quote } from './nearest.js';

const ENDINGS = ['.yaml', '.yml', '.json'];
/** Deeper chains are a mistake. */
const DEEPEST = 8;

export type FoundFile = { readonly file: string } | { readonly fault: string };

/**
 * The file that a step means by the name of another pipeline: a path, or a name alone for the file of that name in the
 * same directory.
 *
 * @param chain the files that led to the name, the one that has it last
 */
export async function findPipelineFile(name: string, chain: readonly string[]): Promise<FoundFile> {
  const path = isAbsolute(name) ? name : join(dirname(chain.at(-1) ?? ''), name);
  const isPath = /[/\\]/.test(name) || ENDINGS.some((ending) => name.endsWith(ending));
  const candidates = isPath ? [basename(path)] : ENDINGS.map((ending) => `${name}${ending}`);
  const files = await filesIn(dirname(path));
  const found = candidates.find((candidate) => files.includes(candidate));
  if (found !== undefined) return linked(join(dirname(path), found), chain);
  const stems = files.map((file) => file.replace(/\.\w+$/, ''));
  const meant = isPath ? hint(basename(path), files) : hint(name, stems);
  return { fault: `there is no file ${isPath ? quote(name) : oneOf(candidates.map(quote))}${meant}` };
}

/** The pipeline files of a directory; none if there is no such directory. */
async function filesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending)));
}

function linked(file: string, chain: readonly string[]): FoundFile {
  const first = chain.findIndex((before) => resolve(before) === resolve(file));
  if (first >= 0) {
    const circle = [...chain.slice(first), file].map((one) => relative('.', one));
    return { fault: `these pipelines run each other: ${circle.join(' -> ')}` };
  }
  if (chain.length < DEEPEST) return { file };
  return { fault: `pipelines within pipelines can be ${DEEPEST} deep, this would be one more` };
}
