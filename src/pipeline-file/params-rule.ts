import type { ParamType } from '../domain/pipeline.js';
import { hint, quote, typeWord } from './nearest.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

export const PARAM_TYPES = ['string', 'number', 'integer', 'boolean', 'list', 'object'] as const;

type Values = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<ParamType, { readonly words: string; fits(value: unknown): boolean }>> = {
  string: { words: 'a text', fits: (value) => typeof value === 'string' },
  number: { words: 'a number', fits: (value) => typeof value === 'number' },
  integer: { words: 'a whole number', fits: Number.isInteger },
  boolean: { words: 'true or false', fits: (value) => typeof value === 'boolean' },
  list: { words: 'a list such as ["a", "b"]', fits: Array.isArray },
  object: { words: 'a mapping such as {"a": 1}', fits: isObject },
};

/** The type that the values of a parameter have: the one that it says, else that of its default; undefined = any. */
export function paramType(declared: unknown): ParamType | undefined {
  const { type, default: value } = objectOf(declared);
  if (type !== undefined) return PARAM_TYPES.find((known) => known === type);
  // `number` comes before `integer`: a default of 3 does not forbid 2.5.
  return PARAM_TYPES.find((known) => TYPES[known].fits(value));
}

/** What an editor is told of the same. */
export const PARAM_FORMS = {
  allOf: PARAM_TYPES.map((type) => ({
    if: { properties: { type: { const: type } }, required: ['type'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { default: { type: type === 'list' ? 'array' : type } } },
  })),
};

/** A default is of the type that is said beside it. */
export function paramRule(param: unknown): readonly Finding[] {
  const { default: value } = objectOf(param);
  const message = value === undefined ? undefined : misfit(value, paramType(param));
  return message === undefined ? [] : [{ path: ['default'], message: `"default" ${message}` }];
}

/** The input of `runPipeline` gives the parameters that its pipeline declares. */
export function givenParamsRule(input: unknown): readonly Finding[] {
  const { pipeline, params } = objectOf(input);
  return findingsAt(params === undefined ? [] : ['params'], objectOf(pipeline)['params'], params);
}

/** So does a schedule. */
export function scheduledParamsRule(pipeline: unknown): readonly Finding[] {
  const { params: declared, schedule } = objectOf(pipeline);
  if (!isObject(schedule)) return [];
  const path = schedule['params'] === undefined ? ['schedule'] : ['schedule', 'params'];
  return findingsAt(path, declared, schedule['params']);
}

/** And a step that runs another pipeline. */
export function otherParamsRule(pipeline: unknown): readonly Finding[] {
  return Object.entries(objectOf(objectOf(pipeline)['steps'])).flatMap(([name, step]) => {
    const { pipeline: other, params } = objectOf(step);
    if (!isObject(other)) return [];
    const path = ['steps', name, ...(params === undefined ? [] : ['params'])];
    // What a text with references becomes is known when the pipeline runs.
    const isFixed = ({ path: [, , , param = ''] }: Finding): boolean => !String(objectOf(params)[param]).includes('${');
    return findingsAt(path, other['params'], params).filter(isFixed);
  });
}

function findingsAt(path: Finding['path'], declared: unknown, given: unknown): readonly Finding[] {
  if (given !== undefined && !isObject(given)) return [];
  return paramFindings(objectOf(declared), objectOf(given)).map((finding) => ({
    ...finding,
    path: [...path, ...finding.path],
  }));
}

/** Whether the given parameters are those that are declared, and of their types. The messages name the parameter. */
export function paramFindings(declared: Values, given: Values): readonly Finding[] {
  const names = Object.keys(declared);
  const wrong = Object.entries(given).flatMap(([name, value]): readonly Finding[] => {
    if (!Object.hasOwn(declared, name)) {
      return [{ path: [], key: name, message: `parameter ${quote(name)} is not declared${hint(name, names)}` }];
    }
    const message = misfit(value, paramType(declared[name]));
    return message === undefined ? [] : [{ path: [name], message: `parameter ${quote(name)} ${message}` }];
  });
  const missing = names.filter((name) => !Object.hasOwn(given, name) && !('default' in objectOf(declared[name])));
  return [
    ...wrong,
    ...missing.map((name) => ({ path: [], message: `parameter ${quote(name)} has no default and must be given` })),
  ];
}

function misfit(value: unknown, type: ParamType | undefined): string | undefined {
  return type === undefined || TYPES[type].fits(value)
    ? undefined
    : `must be ${TYPES[type].words}, is ${typeWord(value)}`;
}
