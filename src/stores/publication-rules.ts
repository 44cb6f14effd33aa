import { PROVENANCE_COLUMNS, type Column, type ColumnType, type Guess } from '../domain/rows.js';
import type { Publication, PublishMode } from '../domain/run.js';
import { compareInstants } from './row-order.js';
import { StoreError } from './store.js';

/** What a store remembers of a table that titanflow has published to. */
export interface TableRecord {
  /** Who published to it first. */
  readonly owner: string;
  /** Key of its first merge: from then on the table has one row per key. */
  readonly key: readonly string[] | undefined;
  readonly guesses?: Guesses;
}

/** What a receipt says of the publication it stands for. */
export interface ReceiptTerms {
  readonly mode: PublishMode;
  readonly key: readonly string[] | undefined;
}

/** The key that counts: only a merge has one. */
export function mergeKey(publication: Pick<Publication, 'mode' | 'key'>): readonly string[] | undefined {
  return publication.mode === 'merge' ? publication.key : undefined;
}

/**
 * Refuses a publication that no store can do.
 *
 * @param columns undefined = not known yet.
 * @throws StoreError
 */
export function requirePossible(publication: Publication, columns: readonly Column[] | undefined): void {
  const { table, mode, key = [] } = publication;
  if (mode === 'merge' && key.length === 0) {
    throw refused(table, 'merge needs a key, the columns that identify a row');
  }
  if (new Set(key).size < key.length) {
    throw refused(table, `the key ${list(key)} names a column twice`);
  }
  if (columns === undefined) {
    return;
  }
  requireColumnNames(table, columns);
  const missing = mode === 'merge' ? key.filter((name) => !columns.some((column) => column.name === name)) : [];
  if (missing.length > 0) {
    throw refused(table, `the key names ${list(missing)}, but the rows have the columns ${list(columns.map(nameOf))}`);
  }
}

/**
 * A table's owner may do anything with it; others may append, or merge with the same key. A table has one merge key
 * for life, because its rows are unique by it.
 *
 * @param record undefined = nobody has published to it yet: whoever comes first becomes the owner.
 * @throws StoreError
 */
export function requireAllowed(publication: Publication, owner: string, record: TableRecord | undefined): void {
  if (record === undefined) {
    return;
  }
  const { table, mode } = publication;
  if (mode === 'replace' && record.owner !== owner) {
    throw refused(table, `it belongs to ${quote(record.owner)}: ${quote(owner)} may append or merge, not replace`);
  }
  const key = mergeKey(publication);
  if (key !== undefined && record.key !== undefined && !sameKey(key, record.key)) {
    throw refused(
      table,
      `${quote(record.owner)} owns it and it is merged by ${list(record.key)}, so it cannot be merged by ${list(key)}; use the same key or another table`,
    );
  }
}

/**
 * The run has a receipt for this table: it must stand for the same publication.
 *
 * @throws StoreError
 */
export function requireSameTerms(publication: Publication, run: string, receipt: ReceiptTerms): void {
  const now: ReceiptTerms = { mode: publication.mode, key: mergeKey(publication) };
  if (now.mode !== receipt.mode || !sameKey(now.key ?? [], receipt.key ?? [])) {
    throw refused(
      publication.table,
      `run ${run} was published to it with ${terms(receipt)}, so it cannot be published again with ${terms(now)}`,
    );
  }
}

/** True where the table was last replaced by a run that is newer than this one. */
export function isSuperseded(mode: PublishMode, at: string, replacedAt: string | undefined): boolean {
  return mode === 'replace' && replacedAt !== undefined && compareInstants(at, replacedAt) < 0;
}

/** A column of a table as it stands. */
export interface HavingColumn {
  readonly name: string;
  /** As the store calls it. */
  readonly type: string;
  /** Which of our types it is; undefined = none. */
  readonly holds: ColumnType | undefined;
  /** For a type that is none of ours: types of which each row's value is judged by itself. */
  readonly takes?: readonly ColumnType[];
  /** Why rows cannot bring a value at all. */
  readonly closed?: string | undefined;
  /** What is remembered of its type, where no schema told it. */
  readonly guess?: Guess | undefined;
}

/**
 * The columns of the table after this load, in the table's order, new ones last. A column keeps the type it has where
 * that loses nothing: `numeric` holds every bigint, `jsonb` any value.
 *
 * @throws StoreError that names every column that does not fit
 */
export function unitedColumns(
  table: string,
  have: readonly HavingColumn[],
  incoming: readonly Column[],
): readonly Column[] {
  const wanted = new Map(incoming.map((column) => [column.name, column]));
  const misfits: string[] = [];
  const kept = have.flatMap((current): readonly Column[] => {
    const { name, type, holds, closed, guess } = current;
    const column = wanted.get(name);
    wanted.delete(name);
    if (column === undefined) {
      return holds === undefined ? [] : [marked({ name, type: holds }, guess)];
    }
    const united = unitedType(current, column);
    if (closed !== undefined) {
      misfits.push(`${quote(name)} ${closed}`);
    } else if (united === undefined) {
      misfits.push(`${quote(name)} is ${type}, but the rows have ${column.type}`);
    }
    return [marked({ name, type: united ?? column.type }, column.guess && (guess === 'empty' ? column.guess : guess))];
  });
  if (misfits.length > 0) {
    const what =
      misfits.length === 1
        ? `its column ${misfits.join('')}`
        : `${misfits.length} columns do not fit: ${misfits.join('; ')}`;
    throw refused(table, `${what}; change the table or the output_schema, or publish to another table`);
  }
  return [...kept, ...wanted.values()];
}

/**
 * A load's columns with the types that the table has for them.
 *
 * @param have the table's columns; an insert that leaves out a `required` one fails
 * @throws StoreError for a clash of types, and where rows would leave out a required column
 */
export function fittedColumns(
  table: string,
  have: readonly (HavingColumn & { readonly required: boolean })[],
  columns: readonly Column[],
): readonly Column[] {
  const all = [...columns, ...PROVENANCE_COLUMNS];
  const united = new Map(unitedColumns(table, have, all).map((column) => [column.name, column]));
  const unfilled = have.find(({ name, required }) => required && !all.some((column) => column.name === name));
  if (unfilled !== undefined && columns.length > 0) {
    throw refused(table, `its column ${quote(unfilled.name)} must not be null, but the rows have no such column`);
  }
  return columns.map((column) => united.get(column.name) ?? column);
}

/** A StoreError about a table. */
export function refused(table: string, why: string, options?: ErrorOptions): StoreError {
  return new StoreError('rejected', `Table ${quote(table)}: ${why}.`, options);
}

function requireColumnNames(table: string, columns: readonly Column[]): void {
  const seen = new Set<string>(PROVENANCE_COLUMNS.map(nameOf));
  for (const { name } of columns) {
    if (seen.has(name)) {
      const reserved = PROVENANCE_COLUMNS.some((column) => column.name === name);
      throw refused(table, `the rows have ${reserved ? 'the reserved column' : 'twice the column'} ${quote(name)}`);
    }
    seen.add(name);
  }
}

/**
 * The type that holds what is there and what comes; undefined: none does. What a schema has told stays. A guess gives way:
 * whole numbers to fractions, no value to any, and anything to text.
 */
function unitedType({ holds, takes = [], guess }: HavingColumn, incoming: Column): ColumnType | undefined {
  if (incoming.guess === 'empty' || canHold(holds, incoming.type) || takes.includes(incoming.type)) {
    return holds ?? incoming.type;
  }
  if (guess === 'empty') {
    return incoming.type;
  }
  if (guess === 'type') {
    return holds === 'bigint' && incoming.type === 'numeric' ? 'numeric' : 'text';
  }
  return incoming.guess === 'type' && holds === 'text' ? 'text' : undefined;
}

function marked(column: Column, guess: Guess | undefined): Column {
  return guess === undefined ? column : { ...column, guess };
}

/** What is remembered of the types of a table's columns. */
export type Guesses = Readonly<Record<string, Guess>>;

/** The guesses after a load of these columns. */
export function guessesAfter(before: Guesses, columns: readonly Column[]): Guesses {
  const known = new Set(columns.map(nameOf));
  const kept = Object.entries(before).filter(([name]) => !known.has(name));
  return Object.fromEntries([
    ...kept,
    ...columns.flatMap(({ name, guess }) => (guess ? [[name, guess] as const] : [])),
  ]);
}

/** Columns with what is remembered of their types. */
export function withGuesses<Have extends { readonly name: string }>(
  have: readonly Have[],
  guesses: Guesses = {},
): readonly (Have & Pick<HavingColumn, 'guess'>)[] {
  return have.map((column) => ({ ...column, guess: guesses[column.name] }));
}

/** A column that gets another type by a load, because the one that it has was a guess. */
export interface WidenedColumn extends Column {
  readonly from: ColumnType;
}

/** The columns of a load whose type in the table is another one. */
export function widenedColumns(
  have: readonly Pick<HavingColumn, 'name' | 'holds'>[],
  columns: readonly Column[],
): readonly WidenedColumn[] {
  return columns.flatMap((column) => {
    const from = have.find(({ name }) => name === column.name)?.holds;
    return from === undefined || from === column.type ? [] : [{ ...column, from }];
  });
}

/** Says which columns get another type by a load, e.g. `price: bigint to numeric`. */
export function widenings(...of: Parameters<typeof widenedColumns>): readonly string[] {
  return widenedColumns(...of).map(({ name, from, type }) => `${name}: ${from} to ${type}`);
}

function canHold(have: ColumnType | undefined, incoming: ColumnType): boolean {
  return have === incoming || have === 'jsonb' || (have === 'numeric' && incoming === 'bigint');
}

function sameKey(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function terms({ mode, key }: ReceiptTerms): string {
  return key === undefined ? mode : `${mode} by ${list(key)}`;
}

function nameOf(column: { readonly name: string }): string {
  return column.name;
}

function list(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** Names come from users: no control character of theirs reaches a terminal. */
function quote(name: string): string {
  return JSON.stringify(name);
}
