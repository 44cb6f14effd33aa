import { createHash } from 'node:crypto';
import { refused } from '../publication-rules.js';

export const MANIFEST = '_manifest.json';

/** How rows lie in a data file: also the ending of its name. */
export type FileEnding = 'jsonl' | 'csv' | 'parquet';

/**
 * A table's files are in a folder of its name, as it is, `shop.prices` too. A name that is not the plain name of a folder,
 * or that begins like one of our own files (`_`) or a hidden one (`.`), is refused. It is the same for a bucket, so that
 * a table can move.
 *
 * @throws StoreError
 */
export function requireFolderName(table: string): void {
  const why = whyNoFolder(table);
  if (why !== undefined) {
    throw refused(table, `the name of its folder ${why}`);
  }
}

/** Where a run's rows and rejects go, `<run>.<ending>` and `_rejects/<run>.jsonl`. */
export function dataFileName(run: string, ending: FileEnding): string {
  return `${runFileName(run)}.${ending}`;
}

export function rejectsFileName(run: string): string {
  return `_rejects/${runFileName(run)}.jsonl`;
}

/** The name for other bytes of the same run: two names are the same only if the bytes are. */
export function versionedName(name: string, sha256: string): string {
  const ending = name.lastIndexOf('.');
  return `${name.slice(0, ending)}~${sha256.slice(0, 16)}${name.slice(ending)}`;
}

/**
 * The name of a run's files, without the ending. Letters, digits, `-`, `_` and `.` stay; every other byte of the UTF-8
 * text is `%` and two hex digits, as in a URL, so `find-1/scrape` is `find-1%2Fscrape`. A leading `_` or `.` is escaped
 * too. Of what is longer than 150 bytes then, the beginning and the SHA-256 of the id are left.
 */
export function runFileName(run: string): string {
  const safe = [...Buffer.from(run)].map((byte, position) => escapeByte(byte, position === 0)).join('');
  if (safe.length <= MAX_RUN_BYTES) {
    return safe;
  }
  return `${safe.slice(0, MAX_RUN_BYTES - 70)}~${createHash('sha256').update(run).digest('hex')}`;
}

/** A file name has at most 255 bytes, and ours get endings. */
const MAX_TABLE_BYTES = 200;
const MAX_RUN_BYTES = 150;

function whyNoFolder(table: string): string | undefined {
  if (table.trim() === '') {
    return 'is empty';
  }
  if (/[/\\]/.test(table) || table.includes('..')) {
    return 'leads to another folder';
  }
  if (/^[_.]/.test(table)) {
    return 'begins with _ or .';
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001F\u007F]/.test(table)) {
    return 'has control characters';
  }
  return Buffer.byteLength(table) > MAX_TABLE_BYTES ? `is longer than ${MAX_TABLE_BYTES} bytes` : undefined;
}

function escapeByte(byte: number, first: boolean): string {
  const character = String.fromCharCode(byte);
  const plain = first ? /[A-Za-z0-9-]/ : /[A-Za-z0-9._-]/;
  return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
