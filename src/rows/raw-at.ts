import { members, visitElements } from '../domain/json-members.js';

/**
 * The raw JSON text of the value at a JSON Pointer. A text in place of an object, an array or a number is read as the JSON
 * that it holds, as it is where texts are coerced.
 *
 * @param text valid JSON that has a value there
 */
export function rawAt(text: string, pointer: string): string {
  return pointer.split('/').slice(1).reduce(valueAt, jsonIn(text));
}

function valueAt(text: string, step: string): string {
  if (!text.startsWith('[')) return jsonIn(members(text).get(step.replaceAll('~1', '/').replaceAll('~0', '~')) ?? '');
  let found = '';
  let position = 0;
  visitElements(text, (start, end) => {
    if (position === Number(step)) found = text.slice(start, end);
    position += 1;
    return found === '';
  });
  return jsonIn(found);
}

function jsonIn(raw: string): string {
  return raw.startsWith('"') ? String(JSON.parse(raw)).trim() : raw.trim();
}
