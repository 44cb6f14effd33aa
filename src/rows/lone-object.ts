import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { listNames, type RowNames } from './row-names.js';
import { WRAPPER_KEYS } from './wrapper-keys.js';

/**
 * Says why an object that is the whole document is no row; undefined = it is one, a single result.
 *
 * With a schema it is one where it has a property of the schema. Without one it is none where all that it has are words with
 * which services answer in place of rows, keys under which rows may be, and one list of objects.
 *
 * @param names undefined = the schema names no properties
 */
export function loneObjectProblem(document: Json, names: RowNames | undefined): string | undefined {
  if (!isJsonObject(document)) return undefined;
  const keys = Object.keys(document);
  const isRow = names ? keys.some((key) => names.isLike(key)) : !isEnvelope(document, keys);
  if (isRow) return undefined;
  const has = keys.length === 0 ? 'an empty object' : `an object that has: ${listNames(keys)}`;
  const wanted = names ? `; the schema has: ${listNames(names.properties)}` : '';
  return `in place of rows came ${has}${wanted}${cureFor(document, names)}`;
}

function isEnvelope(document: JsonObject, keys: readonly string[]): boolean {
  const others = keys.filter((key) => !WRAPPER_KEYS.has(key) && !ANSWER_WORDS.has(key.toLowerCase()));
  const lists = others.filter((key) => isListOfObjects(document[key]));
  return typeof document['success'] === 'boolean' || (others.length <= 1 && lists.length === others.length);
}

/** The path to the rows, where only one can be meant. */
function cureFor(document: JsonObject, names: RowNames | undefined): string {
  const paths = listPaths(document, names);
  if (paths.length === 1) return `; are the rows there: \`records: ${paths[0]}\`?`;
  return names ? '' : '; if that is a row, give the task an output_schema that names its properties';
}

/** Paths of lists of objects that may be rows. A key with a dot cannot be a part of a path. */
function listPaths(document: JsonObject, names: RowNames | undefined): readonly string[] {
  const found: string[] = [];
  collect(document, []);
  return found;

  function collect(value: JsonObject, path: readonly string[]): void {
    for (const [key, member] of Object.entries(value)) {
      if (key === '' || key.includes('.')) continue;
      const place = [...path, key];
      if (isListOfObjects(member, names)) found.push(place.join('.'));
      else if (isJsonObject(member) && place.length < DEEPEST_LIST) collect(member, place);
    }
  }
}

function isListOfObjects(value: Json | undefined, names?: RowNames): boolean {
  if (!Array.isArray(value)) return false;
  const [first] = value as readonly Json[];
  return (
    first !== undefined && isJsonObject(first) && (!names || Object.keys(first).some((name) => names.isLike(name)))
  );
}

const DEEPEST_LIST = 3;
/** In lower case. */
const ANSWER_WORDS = new Set([
  'success',
  'ok',
  'error',
  'errors',
  'message',
  'messages',
  'status',
  'statuscode',
  'status_code',
  'state',
  'code',
  'detail',
  'details',
  'reason',
  'progress',
  'retry_after',
  'retryafter',
  'request_id',
  'requestid',
  'timestamp',
  'execution_id',
  'executionid',
  'meta',
  'metadata',
  'pagination',
  'total',
  'count',
  'page',
  'pages',
  'limit',
  'offset',
  'next',
  'previous',
  'cursor',
  'next_cursor',
  'has_more',
  'hasmore',
]);
