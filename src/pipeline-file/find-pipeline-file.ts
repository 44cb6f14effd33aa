import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hint, oneOf, quote } from './nearest.js';

const ENDINGS = ['.yaml', '.yml', '.json'];

/**
 * The file that a step means by the name of another pipeline: a path, or a name alone for the file of that name in the
 * same directory.
 *
 * @param directory of the file that names it
 */
export async function findPipelineFile(
  name: string,
  directory: string,
): Promise<{ readonly file: string } | { readonly fault: string }> {
  const path = join(name.startsWith('/') ? '' : directory, name);
  const isPath = /[/\\]/.test(name) || ENDINGS.some((ending) => name.endsWith(ending));
  const candidates = isPath ? [basename(path)] : ENDINGS.map((ending) => `${name}${ending}`);
  const files = await filesIn(dirname(path));
  const found = candidates.find((candidate) => files.includes(candidate));
  if (found !== undefined) return { file: join(dirname(path), found) };
  const stems = files.map((file) => file.replace(/\.\w+$/, ''));
  const meant = isPath ? hint(basename(path), files) : hint(name, stems);
  return { fault: `there is no file ${isPath ? quote(name) : oneOf(candidates.map(quote))}${meant}` };
}

/** The pipeline files of a directory; none if there is no such directory. */
async function filesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending)));
}
