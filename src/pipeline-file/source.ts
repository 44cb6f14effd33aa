import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { findJsonFault } from '../domain/json-fault.js';
import type { Finding, Problem } from './problems.js';
import type { WrittenValue } from './number-rules.js';
import type { Fault } from './yaml-faults.js';
import { keyFaults, yamlFaults } from './yaml-faults.js';

/** A YAML or JSON text that could be read, with the places of all that is in it. */
export interface Source {
  readonly value: unknown;
  readonly isJson: boolean;
  /** All numbers, `true`, `false` and `null`, as they are written. */
  readonly written: readonly WrittenValue[];
  /** The findings with line and column, in the order of the file. */
  locate(findings: readonly Finding[]): Problem[];
}

/** YAML has no upper limit to what aliases expand to: a few hundred bytes can mean gigabytes. */
const MOST_ALIASES = 100;
const EMPTY: Fault = { offset: 0, message: 'the file is empty' };

/** Reads YAML 1.2, or strict JSON where the file's name ends in `.json`. */
export function readSource(text: string, fileName: string): Source | { readonly problems: Problem[] } {
  const lines = new LineCounter();
  // The YAML parser reads JSON as well: that is where its positions come from.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const isJson = fileName.toLowerCase().endsWith('.json');
  const read = isJson ? readJson(text, document) : readYaml(document);
  const at = ({ offset, message }: Fault, path: Finding['path']): Problem => {
    const { line, col } = lines.linePos(offset);
    return { path, message, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if ('faults' in read) return { problems: byPlace(read.faults.map((fault) => at(fault, []))) };
  const locate = (finding: Finding): Problem =>
    at({ offset: offsetOf(document, finding), message: finding.message }, finding.path);
  return {
    value: read.value,
    isJson,
    written: writtenIn(document.contents, document),
    locate: (findings) => byPlace(findings.map(locate)),
  };
}

/** The aliases are known to be few, and to have their anchors. */
function writtenIn(node: unknown, document: Document.Parsed, path: Finding['path'] = []): readonly WrittenValue[] {
  const at = resolved(node, document);
  if (isMap(at)) {
    return at.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      return writtenIn(value, document, [...path, name]);
    });
  }
  if (isSeq(at)) return at.items.flatMap((item, index) => writtenIn(item, document, [...path, index]));
  if (!isScalar(at)) return [];
  const { value, source: text = '' } = at;
  const isWritten = typeof value === 'number' || typeof value === 'boolean' || value === null;
  return isWritten ? [{ path, text, value }] : [];
}

type Read = { readonly value: unknown } | { readonly faults: readonly Fault[] };

function readJson(text: string, document: Document.Parsed): Read {
  // A byte order mark is no JSON, but editors write it. The blank keeps all offsets as they are.
  const json = text.replace(/^\uFEFF/, ' ');
  if (json.trim() === '') return { faults: [EMPTY] };
  const fault = findJsonFault(json);
  const faults = fault ? [fault] : keyFaults(document);
  return faults.length > 0 ? { faults } : { value: JSON.parse(json) };
}

function readYaml(document: Document.Parsed): Read {
  const faults = yamlFaults(document);
  if (faults.length > 0) return { faults };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return value === null ? { faults: [EMPTY] } : { value };
  } catch (error) {
    // The one thing left that can go wrong: every alias was seen to have its anchor.
    if (!(error instanceof ReferenceError)) throw error;
    const message = `aliases (*name) expand to more than ${MOST_ALIASES} copies`;
    return { faults: [{ offset: firstAlias(document), message }] };
  }
}

function firstAlias(document: Document.Parsed): number {
  const found: { offset?: number } = {};
  visit(document, {
    Alias: (_, alias) => {
      found.offset = startOf(alias) ?? 0;
      return visit.BREAK;
    },
  });
  return found.offset ?? 0;
}

/** The offset of the key that a finding names, else of the value at its path, else of the nearest thing around it. */
function offsetOf(document: Document.Parsed, { path, key }: Finding): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    const [name, value] = childOf(resolved(node, document), part);
    offset = startOf(value) ?? startOf(name) ?? offset;
    node = value;
  }
  if (key === undefined) return offset;
  const [name] = childOf(resolved(node, document), key);
  return startOf(name) ?? offset;
}

function resolved(node: unknown, document: Document.Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function childOf(node: unknown, part: string | number): readonly [key: unknown, value: unknown] {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
    return [pair?.key, pair?.value];
  }
  return [undefined, isCollection(node) ? node.get(part, true) : undefined];
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function byPlace(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
