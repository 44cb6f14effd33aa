import type { Json } from './json.js';
import { jsonBytes, type Size } from './sizes.js';

/** What `${…}` in a step can name. */
export interface ReferenceScope {
  readonly params: Readonly<Record<string, Json>>;
  readonly run: { readonly key: string; readonly scheduledTime?: string };
}

const REFERENCE = /\$\{([^}]*)\}/g;

/** The list of a batch's values: where the task of a `forEach` step has this text, whole. */
export const BATCH = '${batch}';

/** The names in `${…}` of a text, e.g. `params.query`. */
export function referencesIn(text: string): string[] {
  return Array.from(closed(text).matchAll(REFERENCE), (match) => match[1] ?? '');
}

/** A text without what stands behind its last brace: there each `${` would be followed to the text's end. */
function closed(text: string): string {
  return text.slice(0, text.lastIndexOf('}') + 1);
}

/**
 * Replaces the references in every text of a value. A text that is one reference and nothing else takes the value's
 * own type: `"${params.urls}"` becomes a list if the parameter is one. {@link BATCH} stays, for {@link fillBatch}.
 *
 * @throws Error naming the reference that cannot be resolved.
 */
export function resolveReferences<Value>(value: Value, scope: ReferenceScope): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts become values, the shape stays; whoever takes the value checks it
  return mapTexts(value, (text) => resolveText(text, scope)) as Value;
}

/** Puts the values of a batch where the task asks for them. */
export function fillBatch<Value>(value: Value, batch: readonly Json[]): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return mapTexts(value, (text) => (text === BATCH ? batch : text)) as Value;
}

/**
 * Returns the bytes that a value has as JSON when its references are filled in, without filling them in: a text with ten
 * references to a long list would be ten times as long.
 *
 * @param sizeOfReference undefined: it has no value yet, and counts as nothing
 */
export function resolvedBytes(value: unknown, sizeOfReference: (name: string) => Size | undefined): number {
  if (typeof value === 'string') return resolvedTextBytes(value, sizeOfReference);
  if (typeof value !== 'object' || value === null) return jsonBytes(value);
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + resolvedBytes(item, sizeOfReference) + 1, 2);
  }
  return Object.entries(value).reduce<number>(
    (sum, [key, item]) => sum + jsonBytes(key) + resolvedBytes(item, sizeOfReference) + 2,
    2,
  );
}

function resolvedTextBytes(text: string, sizeOfReference: (name: string) => Size | undefined): number {
  const names = text === BATCH ? [] : referencesIn(text);
  const [first] = names;
  if (first !== undefined && text === `\${${first}}`) return sizeOfReference(first)?.alone ?? 0;
  return names.reduce(
    (bytes, name) => bytes - jsonBytes(`\${${name}}`) + 2 + (sizeOfReference(name)?.inText ?? 0),
    jsonBytes(text),
  );
}

function mapTexts(value: unknown, change: (text: string) => Json): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

function resolveText(text: string, scope: ReferenceScope): Json {
  if (text === BATCH) return text;
  const [whole] = text.matchAll(/^\$\{([^}]*)\}$/g);
  if (whole) return lookUp(whole[1] ?? '', scope);
  const head = closed(text);
  const resolved = head.replaceAll(REFERENCE, (_, name: string) => {
    const value = lookUp(name, scope);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  return resolved + text.slice(head.length);
}

function lookUp(name: string, scope: ReferenceScope): Json {
  if (name === 'run.key') return scope.run.key;
  if (name === 'run.scheduledTime' && scope.run.scheduledTime !== undefined) return scope.run.scheduledTime;
  if (name.startsWith('params.')) {
    const param = name.slice('params.'.length);
    const value = Object.hasOwn(scope.params, param) ? scope.params[param] : undefined;
    if (value !== undefined) return value;
  }
  throw new Error(`\${${name}} has no value`);
}
