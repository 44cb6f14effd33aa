import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FuncKeywordDefinition, RegExpEngine, RegExpLike } from 'ajv/dist/types/index.js';
import type { Json, JsonObject } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { addKnownFormats } from './formats.js';
import { memberOf } from './local-reference.js';
import { multipleOf } from './multiple-of.js';
import { isDeeperThan } from './raw-problem.js';
import { SchemaError, type SchemaFault } from './schema-error.js';
import { faultOfSchema, placeOf, placeOfPattern } from './schema-faults.js';
import { compilePattern, PatternError } from './schema-pattern.js';
import { UNIQUE_ITEMS } from './unique-items.js';

/** Judges values by a schema. What a schema asks for may take for ever: see {@link createTimeLimit}. */
export interface Validator {
  /**
   * Says what is wrong with a record, e.g. `/price: must be number`; undefined = it is valid.
   *
   * @param text the record's JSON text; `value` may be what was made of it
   */
  explain(value: Json, text: string): string | undefined;
  /** The pattern that is being matched: where the work was broken off, it is the one that takes so long. */
  readonly pattern: string | undefined;
}

type AnyAjv = Ajv | Ajv2019 | Ajv2020;

const OPTIONS: Options = {
  strict: false,
  allErrors: false,
  logger: false,
  // Else a row without a `constructor` would be taken to have one, from Object's prototype.
  ownProperties: true,
  // Larger schemas are compiled once, not anew wherever something refers to them.
  inlineRefs: 50,
};
const ROOT = 'output-schema';
/** Records that are nested less deeply never take the whole stack. */
const SURELY_CHECKED_DEPTH = 100;

/** The validators made last: runs of one task have the same schema. */
const made = new Map<string, Validator>();
const MOST_MADE = 16;

/** Like {@link createValidator}, once for the same schema. */
export function validatorOf(outputSchema: JsonObject, pointer: string): Validator {
  const key = JSON.stringify([pointer, outputSchema]);
  const validator = made.get(key) ?? createValidator(outputSchema, pointer);
  made.delete(key);
  made.set(key, validator);
  const [oldest] = made.keys();
  if (made.size > MOST_MADE && oldest !== undefined) made.delete(oldest);
  return validator;
}

/**
 * Compiles the schema at a JSON Pointer of an `output_schema`. The draft is the one that `$schema` names, draft-07 for all
 * before 2019-09.
 *
 * @throws SchemaError where the schema itself is wrong
 */
function createValidator(outputSchema: JsonObject, pointer: string): Validator {
  // Other drafts' meta-schemas are not there to be looked up.
  const { $schema, ...schema } = outputSchema;
  const patterns = createPatterns();
  let text = '';
  try {
    const draft = draftOf($schema);
    requireValid(schema, draft);
    const ajv = ajvFor(draft, { code: { regExp: patterns.engine }, validateSchema: false });
    for (const keyword of [UNIQUE_ITEMS, multipleOf(() => text)]) replaceKeyword(ajv, keyword);
    const validate = ajv.addSchema(schema, ROOT).getSchema(`${ROOT}#${pointer}`);
    if (!validate) throw new Error(`nothing is at ${pointer}`);
    if ('$async' in validate) throw new Error('$async cannot be used');
    return {
      get pattern() {
        return patterns.current;
      },
      explain(value, itsText) {
        text = itsText;
        patterns.current = undefined;
        try {
          return validate(value) ? undefined : explain(validate.errors ?? []);
        } catch (error) {
          return explainOverflow(error, itsText);
        }
      },
    };
  } catch (error) {
    throw error instanceof SchemaError ? error : new SchemaError(faultOf(error, schema));
  }
}

/** What a schema refers to is looked for only when it is compiled. */
function faultOf(error: unknown, schema: JsonObject): SchemaFault {
  if (!(error instanceof Error)) return { path: [], message: String(error) };
  if (error instanceof PatternError) {
    return { path: placeOfPattern(schema, error.source), message: error.message };
  }
  const [, reference] = /^can't resolve reference (\S+) from id/.exec(error.message) ?? [];
  if (reference === undefined) return { path: [], message: error.message };
  const path = placeOf(schema, (at) => (memberOf(at, '$ref') === reference ? '$ref' : undefined));
  return {
    path,
    message: `nothing is at ${JSON.stringify(reference)}: only places within the schema can be referred to`,
  };
}

function replaceKeyword(ajv: AnyAjv, definition: FuncKeywordDefinition): void {
  ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
}

/** Explains why a schema that refers to itself went deeper than the stack. */
function explainOverflow(error: unknown, text: string): string {
  if (!(error instanceof RangeError)) throw error;
  if (isDeeperThan(text, SURELY_CHECKED_DEPTH)) return 'is nested too deeply to be checked';
  throw new DocumentError('unusable', 'the output_schema cannot be used: it refers to itself without end');
}

interface Patterns {
  current: string | undefined;
  readonly engine: RegExpEngine;
}

/** JavaScript's own patterns, as JSON Schema says. */
function createPatterns(): Patterns {
  const patterns: Patterns = { current: undefined, engine: Object.assign(compile, { code: 'patternOf' }) };
  return patterns;

  function compile(source: string): RegExpLike {
    const pattern = compilePattern(source);
    const test = (text: string): boolean => {
      patterns.current = source;
      const isMatch = pattern.test(text);
      patterns.current = undefined;
      return isMatch;
    };
    // Ajv tells patterns apart by what they are as a text.
    return Object.assign(test, { test, toString: () => source });
  }
}

type Draft = '2020-12' | '2019-09' | 'draft-07';

function draftOf($schema: Json | undefined): Draft {
  const named = typeof $schema === 'string' ? $schema : '';
  return (['2020-12', '2019-09'] as const).find((draft) => named.includes(draft)) ?? 'draft-07';
}

/** One instance for each draft's meta-schema: making that ready takes longer than most schemas do. */
const checkers = new Map<Draft, AnyAjv>();

/** @throws SchemaError that says what is wrong with a schema */
function requireValid(schema: JsonObject, draft: Draft): void {
  const checker = checkers.get(draft) ?? ajvFor(draft);
  if (!checkers.has(draft)) {
    // It is kept only when it is ready.
    void checker.validateSchema({});
    checkers.set(draft, checker);
  }
  if (checker.validateSchema(schema) !== true) throw new SchemaError(faultOfSchema(schema, checker.errors ?? []));
}

function ajvFor(draft: Draft, own: Options = {}): AnyAjv {
  const Dialect = { '2020-12': Ajv2020, '2019-09': Ajv2019, 'draft-07': Ajv }[draft];
  const ajv = new Dialect({ ...OPTIONS, ...own });
  addKnownFormats(ajv);
  return ajv;
}

/** The last error is that of the outermost keyword; for alternatives those before it say what each of them wants. */
function explain(errors: readonly ErrorObject[]): string {
  const last = errors.at(-1);
  if (!last) return 'is not valid';
  const branches = ['anyOf', 'oneOf'].includes(last.keyword)
    ? errors.filter(({ instancePath }) => instancePath === last.instancePath).slice(0, -1)
    : [];
  const wishes = new Set((branches.length > 0 ? branches : [last]).map(wish));
  const what = [...wishes].join(' or ');
  return last.instancePath === '' ? what : `${last.instancePath}: ${what}`;
}

function wish({ keyword, message = 'is not valid', params }: ErrorObject): string {
  const { allowedValues, additionalProperty } = params;
  if (keyword === 'enum' && Array.isArray(allowedValues)) return `must be one of ${shortList(allowedValues)}`;
  if (typeof additionalProperty === 'string') return `${message}: ${JSON.stringify(additionalProperty)}`;
  return message;
}

const LISTED = 10;

function shortList(values: readonly unknown[]): string {
  const listed = values.slice(0, LISTED).map((value) => JSON.stringify(value));
  return `${listed.join(', ')}${values.length > LISTED ? ', …' : ''}`;
}
