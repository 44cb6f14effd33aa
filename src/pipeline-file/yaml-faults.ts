import type { Document, YAMLError } from 'yaml';
import { isScalar, visit } from 'yaml';

/** Why a text cannot be read, and where. */
export interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** What the parser complains about, else what it lets through and we do not. */
export function yamlFaults(document: Document.Parsed): readonly Fault[] {
  const syntax = [...document.errors, ...document.warnings].map(syntaxFault);
  // A document with errors has loose ends that are none of the author's: the errors come first.
  return syntax.length > 0 ? syntax : [...unsupported(document), ...refusedKeys(document)];
}

/** The faults of a text that is JSON. What else YAML dislikes in it does not matter. */
export function keyFaults(document: Document.Parsed): readonly Fault[] {
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY').map(syntaxFault);
  return [...duplicates, ...refusedKeys(document)];
}

function syntaxFault({ code, message, pos }: YAMLError): Fault {
  const offset = pos[0];
  if (code === 'DUPLICATE_KEY') return { offset, message: 'duplicate key: this mapping has it already' };
  if (code === 'MULTIPLE_DOCS') {
    return { offset, message: 'only one document in a file: remove the "---" and what follows' };
  }
  if (code === 'TAG_RESOLVE_FAILED') {
    const tag = message.replace(/^Unresolved tag: (?:tag:yaml\.org,2002:)?/, (all) => (all.endsWith(':') ? '!!' : ''));
    return {
      offset,
      message: `the tag ${tag} is not supported: leave it out, and put the value in quotes if it is a text`,
    };
  }
  if (code === 'RESOURCE_EXHAUSTION') return { offset, message: 'nested too deeply' };
  return { offset, message };
}

function unsupported(document: Document.Parsed): readonly Fault[] {
  const faults: Fault[] = [];
  if (document.directives.yaml.version !== '1.2') {
    faults.push({ offset: 0, message: 'only YAML 1.2 is read: remove the %YAML line' });
  }
  visit(document, {
    Alias: (_, alias, around) => {
      const offset = alias.range?.[0] ?? 0;
      const anchored = alias.resolve(document);
      if (anchored === undefined) faults.push({ offset, message: `there is no anchor &${alias.source} before it` });
      else if (around.includes(anchored)) faults.push({ offset, message: `*${alias.source} contains itself` });
    },
  });
  return faults;
}

function refusedKeys(document: Document.Parsed): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key)) return;
      const offset = key.range?.[0] ?? 0;
      if (key.value === '<<' && key.type === 'PLAIN') {
        faults.push({ offset, message: 'merge keys (<<) are not supported: write the keys out' });
      }
      // JavaScript would take it for the object's prototype, and it would be lost without a word.
      if (key.value === '__proto__') faults.push({ offset, message: 'the key __proto__ is not allowed' });
    },
  });
  return faults;
}
