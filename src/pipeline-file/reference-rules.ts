import { BATCH, referencesIn } from '../domain/references.js';
import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

/** Keys of a step that say how it is walked: they are read before references are filled in. */
const NOT_FILLED_IN: ReadonlySet<string> = new Set(['after', 'when', 'forEach', 'onFailure', 'pipeline']);

/** What `${…}` in a pipeline may name, and where it may stand. */
export function referenceRule(pipeline: unknown): readonly Finding[] {
  const { params: declared, steps, schedule } = objectOf(pipeline);
  const params = Object.entries(objectOf(declared));
  const known = [...params.map(([name]) => `params.${name}`), 'run.key', 'run.scheduledTime'];
  const values = [
    ...params.flatMap(([name, param]) => textsIn(objectOf(param)['default'], ['params', name, 'default'])),
    ...textsIn(objectOf(schedule)['params'], ['schedule', 'params']),
  ];
  return [
    ...Object.entries(objectOf(steps)).flatMap(([name, step]) => stepReferences(step, ['steps', name], known)),
    ...values.flatMap(notFilledIn),
  ];
}

function stepReferences(step: unknown, path: Finding['path'], known: readonly string[]): readonly Finding[] {
  const { forEach, task } = objectOf(step);
  const inStep = Object.entries(objectOf(step)).flatMap(([key, value]) => {
    // The steps of another pipeline have its parameters, and are judged with it.
    if (key === 'pipeline' && isObject(value)) return [];
    return textsIn(value, [...path, key]).flatMap((text) => {
      if (NOT_FILLED_IN.has(key)) return notFilledIn(text);
      return [
        ...unknownReferences(text, forEach === undefined ? known : [...known, 'batch']),
        ...misplacedBatch(text, key, forEach !== undefined),
      ];
    });
  });
  const unused = forEach !== undefined && isObject(task) && !textsIn(task, []).some(({ text }) => text.includes(BATCH));
  const message = `the task does not use ${BATCH}: write it where the values belong, as in urls: "${BATCH}"`;
  return unused && !('id' in task) ? [...inStep, { path, key: 'forEach', message }] : inStep;
}

interface Text {
  readonly path: Finding['path'];
  readonly text: string;
}

function textsIn(value: unknown, path: Finding['path']): readonly Text[] {
  if (typeof value === 'string') return value.includes('${') ? [{ path, text: value }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  return Object.entries(objectOf(value)).flatMap(([key, item]) => textsIn(item, [...path, key]));
}

function notFilledIn({ path, text }: Text): readonly Finding[] {
  const [name] = referencesIn(text);
  return name === undefined ? [] : [{ path, message: `\${${name}} is not filled in here: write out what you mean` }];
}

function unknownReferences({ path, text }: Text, known: readonly string[]): readonly Finding[] {
  const unknown = new Set(referencesIn(text).filter((name) => name !== 'batch' && !known.includes(name)));
  return Array.from(unknown, (name) => ({ path, message: unknownReference(name, known) }));
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

/** `${batch}` is a list, and only the task of a `forEach` step has one. */
function misplacedBatch({ path, text }: Text, key: string, isForEach: boolean): readonly Finding[] {
  if (!text.includes(BATCH)) return [];
  const [, , , field, ...deeper] = path;
  if (!isForEach)
    return [{ path, message: `${BATCH} goes with "forEach" only: it is the list of the values of a batch` }];
  if (key !== 'task') return [{ path, message: `${BATCH} is filled in in the "task" only` }];
  if (field === 'name') return [{ path, message: `${BATCH} is a list and has no place in a name: leave it out` }];
  if (text !== BATCH) {
    return [
      { path, message: `${BATCH} is a list and cannot stand inside a text: make it the whole value, "${BATCH}"` },
    ];
  }
  if (field !== 'urls' || deeper.length === 0) return [];
  return [{ path, message: `${BATCH} is the list itself: write urls: "${BATCH}", without brackets around it` }];
}
