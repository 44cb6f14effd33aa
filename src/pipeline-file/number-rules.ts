import { isExact, LARGEST_EXACT, mayBeRounded } from '../domain/exact-number.js';
import type { Finding } from './problems.js';
import { isObject } from './rules.js';
import { valueAt } from './schema-walk.js';

/** A plain scalar of a file that is not taken as a text: its own text, and the value that is made of it. */
export interface WrittenValue {
  readonly path: Finding['path'];
  readonly text: string;
  readonly value: number | boolean | null;
}

/** Keys of a JSON Schema below which values stand that rows are compared with. */
const ROW_VALUES: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

type Place =
  /** A setting of ours or of JSON Schema: only the amount counts. */
  | 'setting'
  /** It becomes part of a text, or the service reads it: it should be there as it is written. */
  | 'value';

/**
 * Finds the values that would not be sent as they are written: numbers that lose digits, and, where the text itself may be
 * what counts (a parameter, the body of a task), those of which JSON makes another text.
 */
export function rewrittenValues(pipeline: unknown, written: readonly WrittenValue[], isJson: boolean): Finding[] {
  return written.flatMap((one) => {
    const place = placeOf(one.path, pipeline, isJson);
    const message = faultOf(one, place);
    return message === undefined ? [] : [{ path: one.path, message }];
  });
}

/** The same for a file that is an `output_schema`. */
export function rewrittenInSchema(written: readonly WrittenValue[], isJson: boolean): Finding[] {
  const above = ['steps', '', 'task', 'output_schema'];
  const within = written.map((one) => ({ ...one, path: [...above, ...one.path] }));
  return rewrittenValues({}, within, isJson).map(({ path, ...finding }) => ({
    ...finding,
    path: path.slice(above.length),
  }));
}

/** Characters of a number that a message shows. */
const LONGEST = 80;

function faultOf({ path, text, value }: WrittenValue, place: Place): string | undefined {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  if (typeof value !== 'number') return wordFault(text, value, place);
  // What is not finite has no place in JSON at all: that is said where the shapes are checked.
  if (/^[-+]?\.(?:inf|nan)$/i.test(text)) return undefined;
  if (!isExact(text, value)) {
    if (isKeyword(path)) return `${shown} cannot be kept exactly: ${WITHIN}, or leave the key out`;
    const why = mayBeRounded(value)
      ? `is beyond ${LARGEST_EXACT}, and numbers lose digits there`
      : `would become ${value}`;
    return `${shown} ${why}: put it in quotes, "${shown}"`;
  }
  const sent = JSON.stringify(value);
  const hasLeadingZero = /^[-+]?0\d/.test(text);
  if (sent === text || (place === 'setting' && !hasLeadingZero)) return undefined;
  return `${shown} would become ${sent}: write ${sent} for the number, or "${shown}" in quotes for the text`;
}

const WITHIN = `give a number of at most ${LARGEST_EXACT} and 15 digits`;

function wordFault(text: string, value: boolean | null, place: Place): string | undefined {
  const isOfYaml = text === '' || text === '~';
  if (place === 'setting' || isOfYaml || text === String(value)) return undefined;
  return `${text} would become ${String(value)}: write ${String(value)}, or "${text}" in quotes for the text`;
}

/** A number under a keyword of JSON Schema cannot be written as a text. */
function isKeyword(path: Finding['path']): boolean {
  const at = path.indexOf('output_schema');
  return at >= 0 && !path.slice(at).some((part) => ROW_VALUES.has(String(part)));
}

function placeOf(path: Finding['path'], pipeline: unknown, isJson: boolean): Place {
  const [top, name, third, fourth] = path;
  if (top === 'steps' && third === 'pipeline') {
    return placeOf(path.slice(3), valueAt(pipeline, path.slice(0, 3)), isJson);
  }
  if (top === 'params')
    return third === 'default' && !saysNumber(valueAt(pipeline, ['params', String(name)])) ? 'value' : 'setting';
  if (top === 'schedule' && name === 'params') {
    return saysNumber(valueAt(pipeline, ['params', String(third)])) ? 'setting' : 'value';
  }
  if (top !== 'steps') return 'setting';
  if (third === 'params') return 'value';
  // JSON has numbers, and no other way to write an amount with trailing zeros.
  if (third !== 'task' || isJson) return 'setting';
  return fourth === 'output_schema' && isKeyword(path) ? 'setting' : 'value';
}

/** Whoever gives a parameter the type of a number means the amount. */
function saysNumber(param: unknown): boolean {
  return isObject(param) && (param['type'] === 'number' || param['type'] === 'integer');
}
