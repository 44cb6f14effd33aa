import { findCycle, type Graph } from '../domain/graph.js';
import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { objectOf } from './rules.js';
import { columnsOf } from './schema-columns.js';

/** A step that another one waits for, and where that is written. */
interface Before {
  readonly name: string;
  readonly path: Finding['path'];
}

/** Steps wait for steps that exist, and not for each other. */
export function orderRule(pipeline: unknown): readonly Finding[] {
  const steps = objectOf(objectOf(pipeline)['steps']);
  const befores = new Map(Object.entries(steps).map(([name, step]) => [name, beforesOf(name, step)]));
  return [
    ...Array.from(befores, ([name, its]) => unknownSteps(name, its, Object.keys(steps))).flat(),
    ...circles(befores),
    ...Object.entries(steps).flatMap(([name, step]) => unknownField(name, step, steps)),
  ];
}

function beforesOf(name: string, step: unknown): readonly Before[] {
  const { after, when, forEach } = objectOf(step);
  const named = (value: unknown, ...place: Finding['path']): readonly Before[] =>
    typeof value === 'string' && value !== '' && !value.includes('${')
      ? [{ name: value, path: ['steps', name, ...place] }]
      : [];
  return [
    ...(Array.isArray(after) ? after.flatMap((one, index) => named(one, 'after', index)) : named(after, 'after')),
    ...named(objectOf(when)['step'], 'when', 'step'),
    ...named(objectOf(forEach)['rowsOf'], 'forEach', 'rowsOf'),
  ];
}

function unknownSteps(name: string, befores: readonly Before[], names: readonly string[]): readonly Finding[] {
  const others = names.filter((other) => other !== name);
  return befores
    .filter((before) => !names.includes(before.name))
    .map((before) => ({
      path: before.path,
      message: `there is no step ${quote(before.name)}${hint(before.name, others)}`,
    }));
}

/** Every circle once, at the first place that closes it. */
function circles(befores: ReadonlyMap<string, readonly Before[]>): readonly Finding[] {
  const findings: Finding[] = [];
  let graph: Graph = new Map(Array.from(befores, ([name, its]) => [name, its.map((before) => before.name)]));
  for (;;) {
    const circle = findCycle(graph);
    if (circle === undefined) return findings;
    const [first = '', second = ''] = circle.split(' -> ');
    const path = befores.get(first)?.find((before) => before.name === second)?.path ?? ['steps', first];
    const message = first === second ? 'a step cannot wait for itself' : `these steps wait for each other: ${circle}`;
    findings.push({ path, message });
    graph = new Map(
      Array.from(graph, ([name, its]) => [name, name === first ? its.filter((one) => one !== second) : its]),
    );
  }
}

/** The values of a batch are taken from columns of the rows. */
function unknownField(name: string, step: unknown, steps: Readonly<Record<string, unknown>>): readonly Finding[] {
  const { rowsOf, field } = objectOf(objectOf(step)['forEach']);
  if (typeof rowsOf !== 'string' || typeof field !== 'string' || field === '' || field.includes('${')) return [];
  const columns = Object.hasOwn(steps, rowsOf) ? columnsOf(steps[rowsOf]) : undefined;
  const [first = ''] = field.split('.');
  if (columns === undefined || columns.includes(first) || columns.includes(field)) return [];
  const message = `the rows of step ${quote(rowsOf)} have no ${quote(first)} in their output_schema${hint(first, columns)}`;
  return [{ path: ['steps', name, 'forEach', 'field'], message }];
}
