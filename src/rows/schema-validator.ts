import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../domain/json.js';
import { DocumentError } from './document-error.js';
import { addKnownFormats } from './formats.js';

/** Says what is wrong with a value, e.g. `/price: must be number`; undefined = it is valid. */
export type Validator = (value: Json) => string | undefined;

const OPTIONS: Options = {
  strict: false,
  allErrors: false,
  logger: false,
  // Else a row without a `constructor` would be taken to have one, from Object's prototype.
  ownProperties: true,
};
const ROOT = 'output-schema';

/**
 * Compiles the schema at a JSON Pointer of an `output_schema`. The draft is the one that `$schema` names, draft-07 for all
 * before 2019-09.
 *
 * @throws DocumentError `unusable` where the schema itself is wrong
 */
export function createValidator(outputSchema: JsonObject, pointer: string): Validator {
  // Other drafts' meta-schemas are not there to be looked up.
  const { $schema, ...schema } = outputSchema;
  try {
    const ajv = ajvFor(typeof $schema === 'string' ? $schema : '').addSchema(schema, ROOT);
    const validate = ajv.getSchema(`${ROOT}#${pointer}`);
    if (!validate) throw new Error(`nothing is at ${pointer}`);
    if ('$async' in validate) throw new Error('$async cannot be used');
    return (value) => (isValid(validate, value) ? undefined : explain(validate.errors ?? []));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DocumentError('unusable', `the output_schema cannot be used: ${why}`);
  }
}

function isValid(validate: ValidateFunction, value: Json): boolean {
  try {
    return validate(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Records are not nested deeply enough for that: the schema goes round in a circle.
    throw new DocumentError('unusable', 'the output_schema cannot be used: it refers to itself without end');
  }
}

function ajvFor(draft: string): Ajv | Ajv2019 | Ajv2020 {
  const ajv = draft.includes('2020-12')
    ? new Ajv2020(OPTIONS)
    : draft.includes('2019-09')
      ? new Ajv2019(OPTIONS)
      : new Ajv(OPTIONS);
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
