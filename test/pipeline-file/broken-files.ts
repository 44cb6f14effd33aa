import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOutputSchema } from '../../src/check-output-schema.js';
import { formatProblem } from '../../src/pipeline-file/problems.js';
import { readPipelineFile } from '../../src/pipeline-file/pipeline-tree.js';

/** Broken pipeline files; what is said of each stands beside it in a `.txt`. Those in folders are named by others. */
const FOLDER = 'test/pipeline-file/broken/';
const STORES = { names: ['local', 'warehouse'], file: 'stores.yaml' };

export const BROKEN_FILES = readdirSync(FOLDER).filter((name) => /\.(?:yaml|json)$/.test(name));

export function textOf(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** What is wrong with a file, a line each. */
export async function problemsOf(name: string): Promise<string> {
  const read = await readPipelineFile(join(FOLDER, name), checkOutputSchema, STORES);
  const problems = 'problems' in read ? read.problems : [];
  return problems.map((problem) => `${formatProblem(name, problem)}\n`.replaceAll(FOLDER, '')).join('');
}
