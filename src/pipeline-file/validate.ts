import type { z } from 'zod';
import { hint, oneOf, quote, typeWord } from './nearest.js';
import type { Finding } from './problems.js';
import type { Path, Subject } from './schema-walk.js';
import { choicesAt, knownKeys, placeBelow, schemasAt, schemaWord, valueAt } from './schema-walk.js';

type Issue = z.core.$ZodIssue;

/**
 * Parses a value, and says in our own words what is wrong with it. A schema's own message is a predicate that begins
 * with `must`.
 *
 * @param shown the value as messages may quote it; differs from `value` where that holds secrets.
 */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  shown: unknown = value,
): { readonly data: T } | { readonly findings: readonly Finding[] } {
  const result = schema.safeParse(value);
  if (result.success) return { data: result.data };
  return { findings: result.error.issues.flatMap((issue) => explain(issue, [], { schema, shown })) };
}

function explain(issue: Issue, base: Path, subject: Subject): readonly Finding[] {
  const path = [...base, ...issue.path.filter((part) => typeof part !== 'symbol')];
  const say = (predicate: string): readonly Finding[] => [{ path, message: `${nameOf(path)}${predicate}` }];
  if (issue.code === 'custom' && issue.params !== undefined) return [ruleFinding(issue, path)];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, subject));
  if (issue.code === 'invalid_key') return [invalidKey(issue, path)];
  if (isMissing(path, subject.shown)) return [missing(path, subject)];
  if (issue.message.startsWith('must ') || isOurWords(issue)) return say(issue.message);
  if (choicesAt(path, subject).length > 0) return say(mustBeOneOf(path, subject));
  if (issue.code !== 'invalid_union') return say(mustBeOfType(path, subject));
  return meantBranch(issue, path, subject) ?? say(mustBeOfType(path, subject));
}

/** A check of a value says what is wrong with it, unless it has no words of its own. */
function isOurWords({ code, message }: Issue): boolean {
  return code === 'custom' && message !== 'Invalid input';
}

function ruleFinding({ message, params }: z.core.$ZodIssueCustom, path: Path): Finding {
  const key: unknown = params?.['key'];
  return typeof key === 'string' ? { path, key, message } : { path, message };
}

function unknownKey(key: string, path: Path, subject: Subject): Finding {
  const below = placeBelow(key, path, subject);
  const cure =
    below === undefined ? hint(key, schemasAt(subject, path).flatMap(knownKeys)) : `, it belongs under ${quote(below)}`;
  return { path, key, message: `unknown key ${quote(key)}${cure}` };
}

function invalidKey(issue: z.core.$ZodIssueInvalidKey, path: Path): Finding {
  const key = String(path.at(-1));
  return { path: path.slice(0, -1), key, message: `${quote(key)} ${issue.issues[0]?.message ?? 'is not a valid key'}` };
}

function missing(path: Path, subject: Subject): Finding {
  const choices = choicesAt(path, subject);
  const choice = choices.length > 0 ? `, it can be ${oneOf(choices)}` : '';
  return { path: path.slice(0, -1), message: `${nameOf(path)}is missing${choice}` };
}

/** The problems of the branch that was meant: all it requires is there, and the fewest things are wrong with it. */
function meantBranch(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  subject: Subject,
): readonly Finding[] | undefined {
  const fits = (problem: Issue): boolean =>
    problem.path.length > 0
      ? !isMissing([...path, ...problem.path.map(String)], subject.shown)
      : problem.code !== 'invalid_type';
  return issue.errors
    .filter((branch) => branch.every(fits))
    .map((branch) => branch.flatMap((problem) => explain(problem, path, subject)))
    .toSorted((a, b) => a.length - b.length)
    .at(0);
}

function mustBeOneOf(path: Path, subject: Subject): string {
  const value = valueAt(subject.shown, path);
  return `must be ${oneOf(choicesAt(path, subject))}, is ${typeof value === 'string' ? quote(value) : typeWord(value)}`;
}

function mustBeOfType(path: Path, subject: Subject): string {
  const words = [...new Set(schemasAt(subject, path).map(schemaWord))];
  const is = typeWord(valueAt(subject.shown, path));
  return `must be ${oneOf(words)}, ${words.length > 1 && is === 'a mapping' ? 'and is neither' : `is ${is}`}`;
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  return typeof last === 'string' ? `${quote(last)} ` : '';
}

function isMissing(path: Path, root: unknown): boolean {
  return path.length > 0 && valueAt(root, path) === undefined;
}
