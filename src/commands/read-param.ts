import { inexactNumber } from '../domain/exact-number.js';
import type { Json } from '../domain/json.js';
import type { ParamSpec } from '../domain/pipeline.js';
import { paramType } from '../pipeline-file/params-rule.js';
import { readSource } from '../pipeline-file/source.js';

/** A value, or why the text cannot be one: a predicate. */
export type ReadParam = { readonly value: Json } | { readonly fault: string };

/**
 * Reads the text of one `--param`. What is declared as a text is taken as it stands, and so is a parameter of which
 * nothing is declared, unless it is a list or a mapping. Any other value is the JSON that it reads as, else a text.
 *
 * @param declared undefined: there is no such parameter
 */
export function readParam(text: string, declared: ParamSpec | undefined): ReadParam {
  const type = declared === undefined ? 'string' : paramType(declared);
  if (type === 'string') return { value: text };
  const value = jsonIn(text);
  if (type === 'number' || type === 'integer') return numberIn(text, value);
  if (typeof value === 'object' && value !== null) return faultless(text, value);
  if (type !== undefined) return { value };
  // Nobody said that it is a number: it is what makes the same text again.
  return { value: declared?.default === undefined || JSON.stringify(value) !== text ? text : value };
}

function numberIn(text: string, value: Json): ReadParam {
  if (typeof value !== 'number') return LOOKS_LIKE_NUMBER.test(text) ? { fault: notJson(text) } : { value };
  return inexactNumber(text) === undefined ? { value } : { fault: `cannot be ${text}: ${INEXACT}` };
}

const LOOKS_LIKE_NUMBER = /^[-+]?\.?\d[\d._xob]*/i;
const INEXACT = 'a number cannot keep all its digits; give the parameter `type: string` to keep it as a text';

function notJson(text: string): string {
  const [, sign = '', digits = ''] = /^([-+]?)0*(\d+)$/.exec(text) ?? [];
  const meant =
    digits === '' ? '' : `; write ${sign === '-' ? '-' : ''}${digits}, or give the parameter \`type: string\``;
  return `must be a number as JSON writes them, such as 7, 0.5 or 1e5, is ${text}${meant}`;
}

/** A list or a mapping, unless a key is in it twice or a number loses digits. */
function faultless(text: string, value: Json): ReadParam {
  const source = readSource(text, 'param.json');
  if ('problems' in source)
    return { fault: `cannot be used: ${source.problems.map(({ message }) => message).join('; ')}` };
  const inexact = inexactNumber(text);
  return inexact === undefined
    ? { value }
    : { fault: `has the number ${inexact}, which loses digits: put it in quotes` };
}

function jsonIn(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
