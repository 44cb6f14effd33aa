import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { members } from '../domain/json-members.js';
import { EXTRA_COLUMN, type Column } from '../domain/rows.js';
import type { ExportFormat } from '../domain/run.js';
import { cellOf, cellProblem, type CellOptions } from './cell.js';
import { createCoercer } from './coerce-record.js';
import { createColumnProfile, MAX_COLUMNS, type ColumnProfile } from './column-profile.js';
import { isPlainCell } from './plain-cell.js';
import { describeColumns, RESERVED_PREFIX, type SchemaColumn } from './columns.js';
import { createRenamer } from './loose-names.js';
import { createMemberFinder, type NamedMembers } from './named-members.js';
import { rawProblem } from './raw-problem.js';
import { foreignRecord, rowNames, type RowNames } from './row-names.js';
import { rowSchema } from './row-schema.js';
import { validatorOf } from './schema-validator.js';

export interface ExaminerOptions {
  readonly outputSchema?: Json | undefined;
  /** The path of the rows in the document, if it was given. */
  readonly records?: string;
  /** CSV is always coerced, and an empty field of it is as good as none. */
  readonly format: ExportFormat;
  /** Read `"12"` as 12 where the schema says so. Default false. */
  readonly coerce?: boolean;
}

/** A record's JSON text, and what it parses to. */
export interface RawRecord {
  readonly text: string;
  readonly value: Json;
}

/** What one look at all records told: enough to make rows of them without the schema. Plain JSON. */
export interface Profile {
  readonly records: number;
  readonly rejected: number;
  /** The columns of the rows; `_titan_extra` among them, last, where a record has properties that the schema does not name. */
  readonly columns: readonly Column[];
  readonly coerce: boolean;
  /** Names of the columns that hold only objects and arrays, perhaps as JSON text. */
  readonly nested: readonly string[];
  /** Every record is valid, has nothing but the columns, and means the same to any reader of JSON: see {@link isPlainCell}. */
  readonly isPlain: boolean;
  /** No schema names the columns: the records tell their types. */
  readonly guessed?: boolean;
  /** Some records have names that differ from the columns' in case, blanks or underscores: see {@link createRenamer}. Absent: none. */
  readonly hasLooseNames?: boolean;
  /** Names of the columns of which no record had a value. Absent: there is none. */
  readonly empty?: readonly string[];
}

/** The columns of a profile, with what is only guessed of them. */
export function profileColumns({ columns, guessed, empty = [] }: Profile): readonly Column[] {
  const none = new Set(empty);
  return guessed === true
    ? columns.map((column) => ({ ...column, guess: none.has(column.name) ? ('empty' as const) : ('type' as const) }))
    : columns;
}

/** Judges the records of one export, in their order. To examine a record twice in a row changes nothing. */
export interface Examiner {
  /**
   * @returns why the record is rejected, e.g. `/price: must be number`; undefined = it is valid
   * @throws DocumentError `unusable` for records that no table can hold
   */
  examine(record: RawRecord): string | undefined;
  /** The pattern of the schema that is being matched: the one that takes so long where examining was broken off. */
  readonly pattern: string | undefined;
  finish(counts: Pick<Profile, 'records' | 'rejected'>): Profile;
}

/** @throws DocumentError `unusable` where the `output_schema` itself is wrong */
export function createExaminer(options: ExaminerOptions): Examiner {
  const { outputSchema } = options;
  const coerce = options.format === 'csv' || options.coerce === true;
  const { schema, pointer } = rowSchema(outputSchema, options.records);
  const validator = schema && isJsonObject(outputSchema) ? validatorOf(outputSchema, pointer) : undefined;
  const named = describeColumns(outputSchema, options.records);
  const prepare = createCoercer(coerce ? (named ?? []) : [], options.format);
  const profile = createColumnProfile();
  const names = rowNames(outputSchema, options.records, coerce);
  const cells = named ? createNamedCells(named, names, coerce) : createFoundCells(profile);

  return {
    get pattern() {
      return validator?.pattern;
    },
    examine({ text, value }) {
      if (!isJsonObject(value)) return 'not an object';
      const raw = rawProblem(text);
      if (raw !== undefined) return `${placeOf(members(text), raw)}${raw}`;
      return cells.examine({ text, value }, (record) => validator?.explain(prepare(record.value), record.text));
    },
    finish({ records, rejected }) {
      const columns = named?.map(({ name, type }) => ({ name, type })) ?? profile.columns();
      const nested = named?.filter(({ isNested }) => isNested).map(({ name }) => name) ?? [];
      const empty = named ? [] : profile.empty();
      const isPlain = rejected === 0 && !coerce && cells.arePlain;
      return {
        records,
        rejected,
        columns: cells.hasExtra ? [...columns, EXTRA_COLUMN] : columns,
        coerce,
        nested,
        isPlain,
        ...(named ? {} : { guessed: true }),
        ...(cells.hasLooseNames ? { hasLooseNames: true } : {}),
        ...(empty.length === 0 ? {} : { empty }),
      };
    },
  };
}

interface Cells {
  /** @param problemOfValue asked between the names, which must be usable, and the cells */
  examine(record: ObjectRecord, problemOfValue: (record: ObjectRecord) => string | undefined): string | undefined;
  /** Whether a valid record had properties that no column is for. */
  readonly hasExtra: boolean;
  /** Whether all valid records were, as {@link Profile.isPlain} says. */
  readonly arePlain: boolean;
  /** Whether a valid record had names that are the columns' only by a loose look. */
  readonly hasLooseNames: boolean;
}

interface ObjectRecord extends RawRecord {
  readonly value: JsonObject;
}

/** A column may not hold what the schema allows. */
function createNamedCells(columns: readonly SchemaColumn[], names: RowNames | undefined, coerce: boolean): Cells {
  const membersOf = createMemberFinder(columns.map(({ name }) => name));
  const renamed = createRenamer(columns.map(({ name }) => name));
  const options = columns.map(({ type, isNested }): CellOptions => ({ type, isNested, coerce }));
  let hasExtra = false;
  let arePlain = true;
  let hasLooseNames = false;

  function examineNamed(
    record: ObjectRecord,
    found: NamedMembers,
    problemOfValue: (record: ObjectRecord) => string | undefined,
  ): string | undefined {
    const { named, others, isAnyTwice } = found;
    const problem =
      (others && reservedProblem(others)) ??
      (others && names && isNothingNamed(found) ? foreignRecord(others.keys(), names) : undefined) ??
      problemOfValue(record) ??
      (names && isNothingNamed(found) ? foreignRecord(others?.keys() ?? [], names) : undefined);
    if (problem !== undefined) return problem;
    let position = -1;
    for (const option of options) {
      position += 1;
      const raw = named[position];
      if (raw === undefined) continue;
      if (cellOf(raw, option) === undefined)
        return `${pointerOf(columns[position]?.name ?? '')}: ${cellProblem(option.type)}`;
      arePlain &&= isPlainCell(option.type, raw);
    }
    hasExtra ||= others !== undefined;
    arePlain &&= !isAnyTwice;
    return undefined;
  }

  return {
    get hasExtra() {
      return hasExtra;
    },
    get arePlain() {
      return arePlain && !hasExtra;
    },
    get hasLooseNames() {
      return hasLooseNames;
    },
    examine(record, problemOfValue) {
      const found = membersOf(record.text);
      const text = coerce && found.others ? renamed(record.text) : undefined;
      if (text === undefined) return examineNamed(record, found, problemOfValue);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only names were changed in the text of an object
      const problem = examineNamed({ text, value: JSON.parse(text) as JsonObject }, membersOf(text), problemOfValue);
      hasLooseNames ||= problem === undefined;
      return problem;
    },
  };
}

function isNothingNamed({ named }: NamedMembers): boolean {
  return named.every((raw) => raw === undefined);
}

/** Without a schema the records tell the columns, and only a number can be more than its column holds. */
function createFoundCells(profile: ColumnProfile): Cells {
  return {
    hasExtra: false,
    arePlain: false,
    hasLooseNames: false,
    examine(record, problemOfValue) {
      const found = members(record.text);
      const problem =
        reservedProblem(found) ?? problemOfValue(record) ?? numbersProblem(found) ?? tooManyProblem(found.size);
      if (problem === undefined) profile.add(found);
      return problem;
    },
  };
}

function tooManyProblem(properties: number): string | undefined {
  return properties > MAX_COLUMNS
    ? `has ${properties} properties, a table has at most ${MAX_COLUMNS} columns`
    : undefined;
}

function reservedProblem(found: ReadonlyMap<string, string>): string | undefined {
  for (const name of found.keys()) {
    if (name.startsWith(RESERVED_PREFIX))
      return `${pointerOf(name)}: names that start with ${RESERVED_PREFIX} are reserved`;
  }
  return undefined;
}

function numbersProblem(found: ReadonlyMap<string, string>): string | undefined {
  for (const [name, raw] of found) {
    if (/^[-\d]/.test(raw) && !Number.isFinite(Number(raw))) return `${pointerOf(name)}: ${cellProblem('numeric')}`;
  }
  return undefined;
}

/** Which member has the problem that the record's whole text has. */
function placeOf(found: ReadonlyMap<string, string>, problem: string): string {
  const member = [...found].find(([, raw]) => rawProblem(raw) === problem);
  return member ? `${pointerOf(member[0])}: ` : '';
}

/** As in Ajv's messages. */
function pointerOf(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
