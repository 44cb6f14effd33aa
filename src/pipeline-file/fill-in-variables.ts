import type { Finding } from './problems.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value with its variables filled in, and what kept some of them from being so. */
export interface FilledIn {
  readonly value: unknown;
  /** Variables that have no value here; another machine may have them. */
  readonly unset: readonly Finding[];
  /** What is wrong wherever it is read. No message holds more of a text than the names in it. */
  readonly wrong: readonly Finding[];
}

const REFERENCE = /\$\{([^}]*)\}/g;
const VARIABLE = /^(?<name>[A-Za-z_]\w*)(?:(?<colon>:?)(?<kind>[-?])(?<rest>[^]*))?$/;
const FORMS = '${NAME}, ${NAME:-default} and ${NAME:?message} are known';

/** Keys whose texts may hold any character. */
const SECRETS: ReadonlySet<string> = new Set(['accessKeyId', 'secretAccessKey']);

/**
 * Fills in `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `${NAME:?message}` as a shell does. An empty variable counts as
 * unset, except before `-`; blanks and line breaks at the ends of a variable are left out. A text of which something is
 * wrong, or has no value, stays as it is.
 */
export function fillInVariables(value: unknown, env: Environment): FilledIn {
  const unset: Finding[] = [];
  const wrong: Finding[] = [];
  return { value: fillIn(value, []), unset, wrong };

  function fillIn(at: unknown, path: Finding['path']): unknown {
    if (typeof at === 'string') return fillInText(at, path);
    if (Array.isArray(at)) return at.map((item, index) => fillIn(item, [...path, index]));
    if (typeof at !== 'object' || at === null) return at;
    return Object.fromEntries(Object.entries(at).map(([key, item]) => [key, fillIn(item, [...path, key])]));
  }

  function fillInText(text: string, path: Finding['path']): string {
    const fault = faultIn(text, String(path.at(-1)));
    if (fault !== undefined) {
      wrong.push({ path, message: `${JSON.stringify(String(path.at(-1)))} ${fault}` });
      return text;
    }
    const missing = new Set<string>();
    const filled = text.replaceAll(REFERENCE, (_, reference: string) => {
      const { name = '', colon, kind, rest = '' } = VARIABLE.exec(reference)?.groups ?? {};
      const found = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
      if (found !== undefined && (found !== '' || (kind === '-' && colon === ''))) return found;
      if (kind === '-') return rest;
      missing.add(name);
      return '';
    });
    unset.push(...Array.from(missing, (name) => ({ path, message: `${name} is not set` })));
    return missing.size > 0 ? text : filled;
  }
}

/** The value as messages may quote it: a default may be a password. */
export function withoutDefaults(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(REFERENCE, (_, reference: string) => `\${${/^\w*/.exec(reference)?.[0] ?? ''}}`);
  }
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutDefaults(item)]));
}

/** Says what is wrong with the variables of a text, without a word of what may be secret in it. */
function faultIn(text: string, key: string): string | undefined {
  for (const [, reference = ''] of text.matchAll(REFERENCE)) {
    const fault = faultInReference(reference);
    if (fault !== undefined) return fault;
  }
  const literal = text.replaceAll(REFERENCE, '');
  if (literal.includes('${')) return 'has a "${" without its "}": write ${NAME}';
  const isWhole = /^(?:\$[A-Za-z_]\w*|%[A-Za-z_]\w*%)$/.test(literal) && literal === text;
  if (!isWhole && SECRETS.has(key)) return undefined;
  if (/\$[A-Za-z_]/.test(literal)) {
    const cure = key === 'url' ? ', and %24 for a dollar sign' : '';
    return `has a "$" before a name, which is not filled in: write \${NAME} for a variable${cure}`;
  }
  // In a URL, %41% is a character that is written as its number.
  const isOfWindows = isWhole || (key !== 'url' && key !== 'endpoint' && /%[A-Za-z_]\w*%/.test(literal));
  return isOfWindows ? 'has a name between two "%", which is not filled in: write ${NAME} for a variable' : undefined;
}

function faultInReference(reference: string): string | undefined {
  const { name, rest = '' } = VARIABLE.exec(reference)?.groups ?? {};
  if (name === undefined) return `has a "\${…}" that cannot be filled in: ${FORMS} (not shown, it may be secret)`;
  if (rest.includes('${')) return `has a variable within the default of \${${name}…}, which is not filled in: ${FORMS}`;
  return undefined;
}
