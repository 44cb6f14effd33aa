import { findCycle } from '../domain/graph.js';
import { referencesIn } from '../domain/references.js';
import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { objectOf } from './rules.js';

/** What the steps of a pipeline say about each other and about its parameters. */
export function pipelineRule(pipeline: unknown): readonly Finding[] {
  const { params, steps: given } = objectOf(pipeline);
  const steps = objectOf(given);
  const references = [...Object.keys(objectOf(params)).map((name) => `params.${name}`), 'run.key', 'run.scheduledTime'];
  return [
    ...Object.entries(steps).flatMap(([name, step]) => unknownBefores(name, step, Object.keys(steps))),
    ...unknownReferences(steps, ['steps'], references),
    ...cycles(steps),
  ];
}

function unknownBefores(name: string, step: unknown, names: readonly string[]): readonly Finding[] {
  const { after } = objectOf(step);
  const path = ['steps', name, 'after'];
  const others = names.filter((other) => other !== name);
  const unknown = (before: unknown, place: Finding['path']): readonly Finding[] => {
    if (typeof before !== 'string' || names.includes(before)) return [];
    return [{ path: place, message: `there is no step ${quote(before)}${hint(before, others)}` }];
  };
  return Array.isArray(after)
    ? after.flatMap((before, index) => unknown(before, [...path, index]))
    : unknown(after, path);
}

function cycles(steps: Readonly<Record<string, unknown>>): readonly Finding[] {
  const cycle = findCycle(new Map(Object.entries(steps).map(([name, step]) => [name, beforesOf(step)])));
  if (cycle === undefined) return [];
  const [first = ''] = cycle.split(' -> ');
  return [{ path: ['steps', first, 'after'], message: `these steps wait for each other: ${cycle}` }];
}

function beforesOf(step: unknown): readonly string[] {
  const { after } = objectOf(step);
  const befores: readonly unknown[] = Array.isArray(after) ? after : [after];
  return befores.filter((before) => typeof before === 'string');
}

function unknownReferences(value: unknown, path: Finding['path'], known: readonly string[]): readonly Finding[] {
  if (typeof value === 'string') {
    const unknown = new Set(referencesIn(value).filter((name) => !known.includes(name)));
    return Array.from(unknown, (name) => ({ path, message: unknownReference(name, known) }));
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownReferences(item, [...path, index], known));
  return Object.entries(objectOf(value)).flatMap(([key, item]) => unknownReferences(item, [...path, key], known));
}

function unknownReference(name: string, known: readonly string[]): string {
  const meant = hint(
    `\${${name}}`,
    known.map((reference) => `\${${reference}}`),
  );
  const param = name.startsWith('params.') ? name.slice('params.'.length) : '';
  const why =
    param === '' ? `there is no reference \${${name}}` : `\${${name}}: no parameter ${quote(param)} is declared`;
  return `${why}${meant}`;
}
