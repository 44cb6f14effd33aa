import { isAscii } from 'node:buffer';
import type { Json, JsonObject } from '../domain/json.js';
import { BLANK, BLANK_IN_LINE, memberOrder, plainPattern } from './plain-pattern.js';

/**
 * Tells at one look that a record is valid, and means the same to any reader of JSON. Nearly all are so. Of a record that
 * is not told so, nothing is said.
 */
export interface PlainRecords {
  /** The bytes that positions are in from now on. */
  see(chunk: Buffer): void;
  /** Where the plain record that begins at `from` ends: at a comma or bracket. -1: there is none. */
  endInArray(from: number): number;
  /** Where the line that begins at `from` and is a plain record ends: at its line break. -1: it is none. */
  endOfLine(from: number): number;
  /** Whether a whole record, which came in several pieces, is plain. */
  isPlain(record: Buffer): boolean;
  /** Told of every record that was not taken for plain: others may have their members in its order. */
  learn(record: Buffer): void;
  /** Called where a document has bytes that are no UTF-8, which a pattern would not notice: from now on no record is plain. */
  stop(): void;
  /** The members of the record that was found last, in the order of the schema; undefined = only their number counts. */
  cells(): PlainCells | undefined;
}

/** Raw JSON texts, each on one line and without tabs; a text has no escape. */
export type PlainCells = readonly (string | undefined)[];

export interface PlainOptions {
  /** Of a row. */
  readonly schema: JsonObject;
  /** Where its `$ref`s are looked up. */
  readonly root: Json;
  readonly withCells: boolean;
}

/** Most records looked at for another order of members, fewer where a pattern is long: each is compiled anew. */
const MOST_SAMPLES = 50;
const MOST_SAMPLED = 300_000;
const LONGEST_SAMPLE = 64 * 1024;
/** A pattern goes back in what it has read, and would have to remember too much. */
const LONGEST_PIECED = 1024 * 1024;
/** A look at a record that is not plain is for nothing: it is given up where fewer are. */
const ENOUGH_TO_TELL = 1_000;
const LEAST_SHARE = 0.3;

/** @returns undefined where only a parser can tell */
export function createPlainRecords(options: PlainOptions): PlainRecords | undefined {
  let patterns = compile(options);
  if (!patterns) return undefined;
  let samples = 0;
  let sampled = 0;
  let hits = 0;
  let misses = 0;
  let seen = bytesOf(Buffer.alloc(0));
  let found: { readonly groups: RegExpExecArray; readonly isAscii: boolean } | undefined;

  /** Index after what matches, or -1. */
  function endBy(pattern: RegExp | undefined, from: number, { text, isAscii }: Bytes): number {
    if (pattern === undefined) return -1;
    pattern.lastIndex = from;
    if (options.withCells) {
      const groups = pattern.exec(text);
      found = groups ? { groups, isAscii } : undefined;
      if (groups === null) return -1;
    } else if (!pattern.test(text)) {
      return -1;
    }
    hits += 1;
    return pattern.lastIndex;
  }

  function takeOrderOf(record: Buffer): void {
    if (samples >= MOST_SAMPLES || sampled > MOST_SAMPLED || record.length > LONGEST_SAMPLE) return;
    samples += 1;
    const others = compile(options, parsed(record));
    sampled += others?.source.length ?? 0;
    if (others && others.source !== patterns?.source && others.alone.test(record.toString('latin1'))) patterns = others;
  }

  return {
    see(chunk) {
      if (patterns) seen = bytesOf(chunk);
    },
    endInArray: (from) => endBy(patterns?.inArray, from, seen),
    endOfLine: (from) => endBy(patterns?.onLine, from, seen),
    isPlain: (record) => record.length <= LONGEST_PIECED && endBy(patterns?.alone, 0, bytesOf(record)) !== -1,
    learn(record) {
      misses += 1;
      if (misses > ENOUGH_TO_TELL && hits < LEAST_SHARE * misses) patterns = undefined;
      if (patterns) takeOrderOf(record);
    },
    stop() {
      patterns = undefined;
    },
    cells() {
      if (!found || !patterns) return undefined;
      const { groups, isAscii } = found;
      const cells: (string | undefined)[] = [];
      for (const group of patterns.groups) {
        const cell = groups[group];
        cells.push(isAscii || cell === undefined ? cell : Buffer.from(cell, 'latin1').toString());
      }
      return cells;
    },
  };
}

/** A pattern reads bytes one by one. */
interface Bytes {
  readonly text: string;
  readonly isAscii: boolean;
}

function bytesOf(bytes: Buffer): Bytes {
  return { text: bytes.toString('latin1'), isAscii: isAscii(bytes) };
}

interface Patterns {
  readonly source: string;
  readonly inArray: RegExp;
  readonly onLine: RegExp;
  readonly alone: RegExp;
  /** Which group each member is, in the order of the schema. */
  readonly groups: readonly number[];
}

function compile({ schema, root, withCells }: PlainOptions, sample?: Json): Patterns | undefined {
  const options = { root, sample, withGroups: withCells };
  const source = plainPattern(schema, { ...options, blank: BLANK });
  const line = plainPattern(schema, { ...options, blank: BLANK_IN_LINE });
  if (source === undefined || line === undefined) return undefined;
  const order = memberOrder(schema, sample);
  return {
    source,
    inArray: new RegExp(String.raw`${BLANK}${source}${BLANK}(?=[,\]])`, 'y'),
    onLine: new RegExp(String.raw`${BLANK_IN_LINE}${line}${BLANK_IN_LINE}(?=\n)`, 'y'),
    alone: new RegExp(`${BLANK}${source}${BLANK}$`, 'y'),
    groups: memberOrder(schema, undefined).map((name) => order.indexOf(name) + 1),
  };
}

function parsed(record: Buffer): Json | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return JSON.parse(record.toString()) as Json;
  } catch {
    return undefined;
  }
}
