/** A pattern that cannot be used. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly source: string;

  constructor(source: string, why: string) {
    super(`the pattern ${JSON.stringify(source)} cannot be read: ${why}`);
    this.source = source;
  }
}

/**
 * Makes a schema's pattern ready, as JSON Schema says: in JavaScript's way, by characters. One that escapes more than it must,
 * as other languages allow (`\_`, `\-`, `[\w-.]`), is read without the flag `u`, if it means the same there.
 *
 * @throws PatternError that says what cannot be read, and what to write
 */
export function compilePattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    const lack = lackIn(source);
    if (lack !== undefined) throw new PatternError(source, lack);
    return withoutFlag(source, error);
  }
}

function withoutFlag(source: string, before: unknown): RegExp {
  try {
    return new RegExp(source);
  } catch {
    // What is escaped, and what stands in a class, repeats nothing.
    const [possessive] = /[*+?}]\+/.exec(source.replaceAll(/\\[^]|\[[^\]]*\]/g, 'x')) ?? [];
    if (possessive !== undefined) {
      throw new PatternError(source, `JavaScript's patterns have no ${possessive}; leave the second + out`);
    }
    const said = before instanceof Error ? before.message : String(before);
    const why = said
      .replace(/^Invalid regular expression: /, '')
      .replace(`/${source}/`, '')
      .replace(/^u?: /, '');
    throw new PatternError(source, why);
  }
}

/** Every escape, and every piece of syntax that other languages have. */
const PIECES =
  /\\(?<escape>[pP]\{|k<|x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{|c[A-Za-z]|[1-9]\d*|[^])|\(\?(?<group>P?[<>=]?[^)<:=!]?)|\[(?<posix>\[:\^?\w+:\])|(?<open>\{,\d+\})/g;
const ESCAPES = /^(?:[dDwWsSbBtnrvf0]|x..|u....|c.|[^A-Za-z0-9])$/;
const ANCHORS: Readonly<Record<string, string>> = {
  A: '^',
  Z: '$',
  z: '$',
  h: String.raw`[ \t]`,
  a: String.raw`\x07`,
  e: String.raw`\x1B`,
};

/** What JavaScript's patterns do not have, of what stands there; without the flag `u` it would mean something else. */
function lackIn(source: string): string | undefined {
  for (const { groups = {}, index } of source.matchAll(PIECES)) {
    const { escape, group, posix, open } = groups;
    const lack =
      (escape === undefined ? undefined : lackOfEscape(escape, source)) ??
      (group === undefined ? undefined : lackOfGroup(group, source.slice(index))) ??
      (posix === undefined
        ? undefined
        : `${posix} is no class of JavaScript's patterns; write its characters, such as [A-Za-z]`) ??
      (open === undefined ? undefined : `JavaScript's patterns have no ${open}; write ${open.replace('{', '{0')}`);
    if (lack !== undefined) return lack;
  }
  return /[\uD800-\uDFFF]/.test(source) ? PAIRS : undefined;
}

const PAIRS = String.raw`with characters beyond U+FFFF, a \ may stand only where JavaScript needs it, and a - between others only at an end`;

function lackOfEscape(escape: string, source: string): string | undefined {
  if (ESCAPES.test(escape)) return undefined;
  if (/^(?:[pP]\{|u\{)/.test(escape)) {
    return `with \\${escape}…}, a \\ may stand only where JavaScript needs it; leave the others out`;
  }
  if (escape === 'k<') return source.includes('(?<') ? undefined : String.raw`\k<…> names a group that is not there`;
  if (/^\d/.test(escape)) {
    const count = source.match(/\((?!\?(?!<[^=!]))/g)?.length ?? 0;
    return Number(escape) <= count ? undefined : `\\${escape} names a group that is not there`;
  }
  const instead = ANCHORS[escape];
  return `JavaScript's patterns have no \\${escape}${instead === undefined ? '' : `; write ${instead}`}`;
}

function lackOfGroup(group: string, rest: string): string | undefined {
  if (rest.startsWith('(?P<')) return "JavaScript's patterns have no (?P<name>…); write (?<name>…)";
  if (rest.startsWith('(?P=')) return String.raw`JavaScript's patterns have no (?P=name); write \k<name>`;
  if (/^\(\?(?:[:=!]|<[=!A-Za-z_$])/.test(rest)) return undefined;
  const [flags] = /^\(\?[\^a-zA-Z-]+[:)]/.exec(rest) ?? [];
  if (flags !== undefined) {
    const cure = flags.includes('i') ? '; write both cases, such as [Aa]' : '; leave it out';
    return `JavaScript's patterns have no ${flags}${flags.endsWith(':') ? '…)' : ''}${cure}`;
  }
  return `JavaScript's patterns have no (?${group.slice(0, 1)}…)`;
}
