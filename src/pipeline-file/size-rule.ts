import type { Json } from '../domain/json.js';
import type { PipelineSpec, StepSpec } from '../domain/pipeline.js';
import { resolvedBytes } from '../domain/references.js';
import {
  BYTES_AROUND_A_STEP,
  jsonBytes,
  LARGEST_INPUT_BYTES,
  LARGEST_RUN_BYTES,
  LARGEST_START_BYTES,
  LARGEST_STEP_BYTES,
  sizeOf,
  type Size,
} from '../domain/sizes.js';
import type { Finding } from './problems.js';

type Params = Readonly<Record<string, Json>>;
type SizeOfReference = (name: string) => Size | undefined;

/** `run.key` and `run.scheduledTime` are parts of workflow ids, which have at most a thousand bytes. */
const SHORT: Size = { alone: 1_000, inText: 1_000 };

/**
 * Finds what Temporal would not take once the references are filled in, and try for ever: a step, the steps that start
 * together, or all of them. A parameter that is used three times counts three times.
 *
 * @param params as given; those that are missing count with their defaults, or as nothing
 */
export function sizeFindings(pipeline: PipelineSpec, params: Params = {}): readonly Finding[] {
  const whole = inputFindings({ pipeline, params }, LARGEST_INPUT_BYTES);
  if (whole.length > 0) return whole;
  const sizes = new Map<string, Size>();
  const sizeOfReference: SizeOfReference = (name) => {
    const value = name.startsWith('params.') ? paramOf(pipeline, params, name.slice('params.'.length)) : undefined;
    if (value === undefined) return SHORT;
    const known = sizes.get(name) ?? sizeOf(value);
    sizes.set(name, known);
    return known;
  };
  const { findings, bytes } = measure(pipeline, sizeOfReference);
  if (findings.length > 0 || bytes <= LARGEST_RUN_BYTES) return findings;
  const message = `the inputs of its steps come to ${inWords(bytes)}; at most ${inWords(LARGEST_RUN_BYTES)}: ${CURE}`;
  return [{ path: [], key: 'steps', message }];
}

/** Finds that an input is too large as it is. */
export function inputFindings(input: unknown, largest: number): readonly Finding[] {
  const bytes = jsonBytes(input);
  return bytes > largest ? [{ path: [], message: `has ${inWords(bytes)}; at most ${inWords(largest)}` }] : [];
}

const CURE = 'let a step find the rows, and feed them to the next one with `forEach`';

interface Measured {
  readonly findings: readonly Finding[];
  /** Bytes of all steps, including those of the pipelines in it. */
  readonly bytes: number;
}

function measure({ steps, parallel = Infinity }: PipelineSpec, sizeOfReference: SizeOfReference): Measured {
  const measured = Object.entries(steps).map(([name, step]) => measureStep(name, step, sizeOfReference));
  const findings = measured.flatMap(({ findings }) => findings);
  const largest = measured.map(({ own }) => own + BYTES_AROUND_A_STEP).toSorted((one, other) => other - one);
  const together = sum(largest.slice(0, parallel));
  if (findings.length === 0 && together > LARGEST_START_BYTES) {
    const message = `steps that may start at once come to ${inWords(together)}; at most ${inWords(LARGEST_START_BYTES)}: lower \`parallel\`, or ${CURE}`;
    return { findings: [{ path: [], key: 'steps', message }], bytes: 0 };
  }
  return { findings, bytes: sum(measured.map(({ bytes }) => bytes)) };
}

function measureStep(name: string, step: StepSpec, sizeOfReference: SizeOfReference): Measured & { own: number } {
  const { pipeline, ...rest } = step;
  const path = ['steps', name];
  const inner = typeof pipeline === 'object' ? jsonBytes(pipeline) : 0;
  const own = inner + resolvedBytes(rest, sizeOfReference);
  if (own > LARGEST_STEP_BYTES) {
    const { at, bytes } = heaviestIn(inner > own / 2 ? { pipeline: '' } : rest, sizeOfReference);
    const where = at.length === 0 ? '' : `, ${inWords(bytes)} of them in \`${at.join('.')}\``;
    const message = `with its references filled in it has ${inWords(own)}${where}; at most ${inWords(LARGEST_STEP_BYTES)}: ${CURE}`;
    return { findings: [{ path: [...path, ...at.slice(0, -1)], key: at.at(-1) ?? '', message }], bytes: own, own };
  }
  if (typeof pipeline !== 'object') return { findings: batchFindings(path, step, sizeOfReference), bytes: own, own };
  const { findings, bytes } = measure(pipeline, sizesWithin(step, pipeline, sizeOfReference));
  return {
    findings: findings.map((finding) => ({ ...finding, path: [...path, 'pipeline', ...finding.path] })),
    bytes: own + bytes,
    own,
  };
}

/** Each batch is told the step's options, and `parallel` of them start at once. */
function batchFindings(
  path: Finding['path'],
  { forEach, task: _task, publish: _publish, expect: _expect, ...options }: StepSpec,
  sizeOfReference: SizeOfReference,
): readonly Finding[] {
  if (forEach === undefined) return [];
  const { parallel = 1 } = forEach;
  const together = parallel * (resolvedBytes(options, sizeOfReference) + BYTES_AROUND_A_STEP);
  if (together <= LARGEST_START_BYTES) return [];
  const message = `batches that start at once come to ${inWords(together)}; at most ${inWords(LARGEST_START_BYTES)}`;
  return [{ path: [...path, 'forEach'], key: 'parallel', message }];
}

/** The parameters of a pipeline within another are texts with references themselves. */
function sizesWithin({ params = {} }: StepSpec, pipeline: PipelineSpec, outer: SizeOfReference): SizeOfReference {
  return (name) => {
    if (!name.startsWith('params.')) return SHORT;
    const param = name.slice('params.'.length);
    const given = Object.hasOwn(params, param) ? params[param] : undefined;
    if (given === undefined) {
      const value = paramOf(pipeline, {}, param);
      return value === undefined ? SHORT : sizeOf(value);
    }
    const alone = resolvedBytes(given, outer);
    // Within a text quotes are escaped.
    return { alone, inText: typeof given === 'string' ? alone : Math.ceil(alone * 1.5) };
  };
}

function paramOf({ params: declared = {} }: PipelineSpec, given: Params, name: string): Json | undefined {
  if (Object.hasOwn(given, name)) return given[name];
  return Object.hasOwn(declared, name) ? declared[name]?.default : undefined;
}

/** Returns the keys down to what has most of the bytes. */
function heaviestIn(value: object, sizeOfReference: SizeOfReference): { at: string[]; bytes: number } {
  const [heaviest] = Object.entries(value)
    .map(([key, item]: [string, unknown]) => ({ key, item, bytes: resolvedBytes(item, sizeOfReference) }))
    .toSorted((one, other) => other.bytes - one.bytes);
  if (heaviest === undefined) return { at: [], bytes: 0 };
  const { key, item, bytes } = heaviest;
  if (key !== 'task' || typeof item !== 'object' || item === null) return { at: [key], bytes };
  const inner = heaviestIn(item, sizeOfReference);
  return { at: [key, ...inner.at], bytes: inner.bytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function inWords(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} bytes`;
}
