import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeText } from '../domain/decode-text.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { jsonBytes, LARGEST_INPUT_BYTES } from '../domain/sizes.js';
import { findPipelineFile } from './find-pipeline-file.js';
import type { KnownStores } from './known-stores.js';
import { outputSchemasIn, unusableSchemas, type SchemaCheck } from './output-schemas.js';
import type { Finding, Problem } from './problems.js';
import { checkPipeline, pipelineIn, type ReadPipeline } from './read-pipeline-file.js';
import { readSource, type Source } from './source.js';
import { tooManySteps } from './step-limit.js';
import { replaceNames } from './replace-names.js';

const TOO_LARGE = `with all that it runs it has more than ${LARGEST_INPUT_BYTES.toLocaleString('en-US')} bytes as JSON: Temporal takes no such input; make several pipelines of it, or feed rows to a step with \`forEach\``;

/** What has come of a file, with all that it names. */
interface Reading {
  /** Left out where something is wrong. */
  readonly spec?: PipelineSpec;
  readonly problems: readonly Problem[];
  /** In bytes of JSON, as Temporal gets it: neither characters nor the comments and blanks of a file count there. */
  readonly size: number;
}

/**
 * Reads a pipeline from a file. A step that names the file of another pipeline gets that pipeline itself, and so on.
 *
 * @param schemas what says whether records can be judged by an `output_schema`
 * @param stores those that publications may name; default: any
 */
export async function readPipelineFile(
  file: string,
  schemas: SchemaCheck,
  stores?: KnownStores,
): Promise<ReadPipeline> {
  const readings = new Map<string, Reading>();

  async function readOnce(chain: readonly string[]): Promise<Reading> {
    const key = resolve(chain.at(-1) ?? '');
    const known = readings.get(key);
    // Its problems have been told where it was read first.
    if (known) return { ...known, problems: [] };
    const reading = await read(chain);
    readings.set(key, reading);
    return reading;
  }

  /** @param chain the files that led here, this one last */
  async function read(chain: readonly string[]): Promise<Reading> {
    const here = chain.at(-1) ?? '';
    const placed = (problems: readonly Problem[]): Problem[] => problems.map((problem) => ({ ...problem, file: here }));
    const opened = await openSource(here);
    if ('problems' in opened) return { problems: placed(opened.problems), size: 0 };

    const own = pipelineIn(opened.source);
    const isHuge = tooManySteps(own) !== undefined;
    const findings: Finding[] = isHuge ? [] : [...(await unusableSchemas(outputSchemasIn(own), schemas))];
    const elsewhere: Problem[] = [];
    let { size } = opened;
    const pipeline = await replaceNames(own, async (name, path) => {
      const found = await findPipelineFile(name, chain);
      if ('fault' in found) {
        findings.push({ path, message: found.fault });
        return undefined;
      }
      const other = await readOnce([...chain, found.file]);
      elsewhere.push(...other.problems);
      size += other.size;
      return size > LARGEST_INPUT_BYTES ? undefined : other.spec;
    });
    // Of a file that is too large by itself the rule of sizes tells, with more words.
    if (size > LARGEST_INPUT_BYTES && opened.size <= LARGEST_INPUT_BYTES)
      findings.push({ path: [], message: TOO_LARGE });
    const checked = checkPipeline(opened.source, { pipeline, stores, findings });
    if ('problems' in checked) return { problems: [...placed(checked.problems), ...elsewhere], size };
    return { spec: checked.spec, problems: elsewhere, size };
  }

  const { spec, problems } = await readOnce([file]);
  return spec === undefined || problems.length > 0 ? { problems: [...problems] } : { spec };
}

type Opened = { readonly source: Source; readonly size: number } | { readonly problems: readonly Problem[] };

async function openSource(file: string): Promise<Opened> {
  try {
    const decoded = decodeText(await readFile(file));
    if (!('text' in decoded)) return { problems: [{ path: [], ...decoded }] };
    const source = readSource(decoded.text, file);
    return 'problems' in source ? source : { source, size: jsonBytes(source.value) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message = error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(error.code)})`;
    return { problems: [{ path: [], message }] };
  }
}
