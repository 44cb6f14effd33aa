import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { PipelineSpec } from '../domain/pipeline.js';
import type { KnownStores } from './known-stores.js';
import { findPipelineFile } from './find-pipeline-file.js';
import type { Finding, Problem } from './problems.js';
import { checkPipeline, pipelineIn, type ReadPipeline } from './read-pipeline-file.js';
import { isObject, objectOf } from './rules.js';
import { readSource } from './source.js';

/** Deeper chains are a mistake. */
const DEEPEST = 8;
/** Temporal takes no input of more than two million bytes, and a character can be two. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Reads a pipeline from a file. A step that names the file of another pipeline gets that pipeline itself, and so on.
 *
 * @param stores those that publications may name; default: any
 */
export async function readPipelineFile(file: string, stores?: KnownStores): Promise<ReadPipeline> {
  const readings = new Map<string, Reading>();

  /** @param chain the files that led here, this one last */
  async function read(chain: readonly string[]): Promise<Reading> {
    const here = chain.at(-1) ?? file;
    const known = readings.get(resolve(here));
    // Its problems have been told where it was read first.
    if (known) return { ...known, problems: [] };
    const reading = await readOne(here, chain);
    readings.set(resolve(here), reading);
    return reading;
  }

  async function readOne(here: string, chain: readonly string[]): Promise<Reading> {
    const at = (problem: Problem): Problem => ({ ...problem, file: here });
    const text = await textOf(here);
    const source = 'fault' in text ? { problems: [{ path: [], message: text.fault }] } : readSource(text.text, here);
    if ('problems' in source) return { problems: source.problems.map(at), size: 0 };

    const findings: Finding[] = [];
    const elsewhere: Problem[] = [];
    let size = 'text' in text ? text.text.length : 0;
    const pipeline = await withOthers(pipelineIn(source), [], async (name, path) => {
      const found = await findPipelineFile(name, dirname(here));
      const fault = 'fault' in found ? found.fault : chainFault([...chain, found.file]);
      if ('fault' in found || fault !== undefined) {
        findings.push({ path, message: fault ?? '' });
        return undefined;
      }
      const other = await read([...chain, found.file]);
      elsewhere.push(...other.problems);
      size += other.size;
      return size > MOST_CHARACTERS ? undefined : other.spec;
    });
    if (size > MOST_CHARACTERS) {
      findings.push({
        path: [],
        message: `with all that it runs it is larger than ${MOST_CHARACTERS} characters: Temporal takes no such input`,
      });
    }
    const checked = checkPipeline(source, { pipeline, stores, findings });
    const problems = 'problems' in checked ? checked.problems.map(at) : [];
    return { problems: [...problems, ...elsewhere], size, ...('spec' in checked ? { spec: checked.spec } : {}) };
  }

  const { spec, problems } = await read([file]);
  return spec === undefined || problems.length > 0 ? { problems: [...problems] } : { spec };
}

interface Reading {
  /** Left out where something is wrong. */
  readonly spec?: PipelineSpec;
  readonly problems: readonly Problem[];
  readonly size: number;
}

type OpenOther = (name: string, path: Finding['path']) => Promise<PipelineSpec | undefined>;

/** The pipeline with those that its steps name by file in the place of the names, where `open` knows them. */
async function withOthers(pipeline: unknown, path: Finding['path'], open: OpenOther): Promise<unknown> {
  const { steps } = objectOf(pipeline);
  if (!isObject(pipeline) || !isObject(steps)) return pipeline;
  const filled: [string, unknown][] = [];
  for (const [name, step] of Object.entries(steps)) {
    const other = objectOf(step)['pipeline'];
    const place = [...path, 'steps', name, 'pipeline'];
    if (!isObject(step) || other === undefined) filled.push([name, step]);
    else if (typeof other !== 'string')
      filled.push([name, { ...step, pipeline: await withOthers(other, place, open) }]);
    // References have no place in a file's name, which is said where all of them are checked.
    else if (other === '' || other.includes('${')) filled.push([name, step]);
    else filled.push([name, { ...step, pipeline: (await open(other, place)) ?? other }]);
  }
  return { ...pipeline, steps: Object.fromEntries(filled) };
}

function chainFault(chain: readonly string[]): string | undefined {
  const last = resolve(chain.at(-1) ?? '');
  const before = chain.findIndex((file) => resolve(file) === last);
  if (before < chain.length - 1) {
    const names = chain.slice(before).map((file) => relative('.', file));
    return `these pipelines run each other: ${names.join(' -> ')}`;
  }
  if (chain.length <= DEEPEST) return undefined;
  return `pipelines within pipelines can be ${DEEPEST} deep, this would be one more`;
}

async function textOf(file: string): Promise<{ readonly text: string } | { readonly fault: string }> {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { fault: code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})` };
  }
}
