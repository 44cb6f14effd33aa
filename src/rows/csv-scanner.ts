import { NEWLINE, QUOTE } from './json-bytes.js';

export const CARRIAGE_RETURN = 0x0d;

/** Finds where a row of CSV (RFC 4180) ends. A quote opens a field only where the field begins. */
export interface CsvScanner {
  /** Goes on to the end of the row: the index behind its line break, or -1 where the bytes end before. */
  next(bytes: Buffer, from: number): number;
  /** Called before another row. */
  reset(): void;
  /** Fields of the row so far. */
  readonly fields: number;
  readonly hasQuotes: boolean;
  /** The field, counted from 1, in which a quote is in a wrong place. What follows up to the line break is not looked at. */
  readonly fault: number | undefined;
  /** Whether a quote is open. */
  readonly isQuoted: boolean;
}

/** `closed`: behind a quote within quotes, which may be the last one. `ending`: behind that and a carriage return. */
type Mode = 'start' | 'plain' | 'quoted' | 'closed' | 'ending' | 'broken';

export function createCsvScanner(delimiters: string): CsvScanner {
  const codes = new Set(Buffer.from(delimiters));
  let mode: Mode = 'start';
  let fields = 1;
  let hasQuotes = false;
  let fault: number | undefined;

  function modeAfter(byte: number): Mode {
    if (byte === QUOTE) {
      if (mode === 'start' || mode === 'closed') return 'quoted';
    } else if (codes.has(byte) && mode !== 'ending') {
      fields += 1;
      return 'start';
    } else if (mode === 'closed') {
      if (byte === CARRIAGE_RETURN) return 'ending';
    } else if (mode !== 'ending') {
      return 'plain';
    }
    fault = fields;
    return 'broken';
  }

  return {
    next(bytes, from) {
      let at = from;
      while (at < bytes.length) {
        if (mode === 'quoted' || mode === 'broken') {
          const end = bytes.indexOf(mode === 'quoted' ? QUOTE : NEWLINE, at);
          if (end === -1) return -1;
          if (mode === 'broken') return end + 1;
          mode = 'closed';
          at = end + 1;
          continue;
        }
        const byte = bytes[at] ?? 0;
        at += 1;
        if (byte === NEWLINE) return at;
        mode = modeAfter(byte);
        hasQuotes ||= mode === 'quoted';
      }
      return -1;
    },
    reset() {
      mode = 'start';
      fields = 1;
      hasQuotes = false;
      fault = undefined;
    },
    get fields() {
      return fields;
    },
    get hasQuotes() {
      return hasQuotes;
    },
    get fault() {
      return fault;
    },
    get isQuoted() {
      return mode === 'quoted';
    },
  };
}
