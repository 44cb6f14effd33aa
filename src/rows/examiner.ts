import { isJsonObject, type Json } from '../domain/json.js';
import { EXTRA_COLUMN, type Column } from '../domain/rows.js';
import type { ExportFormat } from '../domain/run.js';
import { cellOf, cellProblem, type CellOptions } from './cell.js';
import { createCoercer } from './coerce-record.js';
import { createColumnProfile } from './column-profile.js';
import { describeColumns, RESERVED_PREFIX } from './columns.js';
import { members } from './members.js';
import { rawProblem } from './raw-problem.js';
import type { RawRecord } from './record-sink.js';
import { rowSchema } from './row-schema.js';
import { createValidator } from './schema-validator.js';

export interface ExaminerOptions {
  readonly outputSchema?: Json | undefined;
  /** The path of the rows in the document, if it was given. */
  readonly records?: string;
  /** CSV is always coerced, and an empty field of it is as good as none. */
  readonly format: ExportFormat;
  /** Read `"12"` as 12 where the schema says so. Default false. */
  readonly coerce?: boolean;
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
}

/** Judges the records of one export, in their order. */
export interface Examiner {
  /**
   * @returns why the record is rejected, e.g. `/price: must be number`; undefined = it is valid
   * @throws DocumentError `unusable` for records that no table can hold
   */
  examine(record: RawRecord): string | undefined;
  finish(): Profile;
}

/** @throws DocumentError `unusable` where the `output_schema` itself is wrong */
export function createExaminer(options: ExaminerOptions): Examiner {
  const { outputSchema } = options;
  const coerce = options.format === 'csv' || options.coerce === true;
  const { schema, pointer } = rowSchema(outputSchema, options.records);
  const validate = schema && isJsonObject(outputSchema) ? createValidator(outputSchema, pointer) : () => undefined;
  const named = describeColumns(outputSchema, options.records);
  const prepare = createCoercer(coerce ? (named ?? []) : [], options.format);
  const readers = new Map(named?.map(({ name, type, isNested }) => [name, { type, isNested, coerce }]));
  const profile = createColumnProfile();
  let records = 0;
  let rejected = 0;
  let hasExtra = false;

  function problemOf({ text, value }: RawRecord): string | undefined {
    if (!isJsonObject(value)) return 'not an object';
    const raw = rawProblem(text);
    const found = members(text);
    if (raw !== undefined) return `${placeOf(found, raw)}${raw}`;
    const reserved = [...found.keys()].find((name) => name.startsWith(RESERVED_PREFIX));
    if (reserved !== undefined) return `${pointerOf(reserved)}: names that start with ${RESERVED_PREFIX} are reserved`;
    const problem = validate(prepare(value)) ?? (named ? cellsProblem(found, readers) : numbersProblem(found));
    if (problem !== undefined) return problem;
    if (!named) profile.add(found);
    else hasExtra ||= [...found.keys()].some((name) => !readers.has(name));
    return undefined;
  }

  return {
    examine(record) {
      records += 1;
      const reason = problemOf(record);
      if (reason !== undefined) rejected += 1;
      return reason;
    },
    finish() {
      const columns = named?.map(({ name, type }) => ({ name, type })) ?? profile.columns();
      const nested = named?.filter(({ isNested }) => isNested).map(({ name }) => name) ?? [];
      return { records, rejected, columns: hasExtra ? [...columns, EXTRA_COLUMN] : columns, coerce, nested };
    },
  };
}

/** What a column cannot hold, although the schema allows it. */
function cellsProblem(
  found: ReadonlyMap<string, string>,
  readers: ReadonlyMap<string, CellOptions>,
): string | undefined {
  for (const [name, options] of readers) {
    const raw = found.get(name);
    if (raw !== undefined && cellOf(raw, options) === undefined)
      return `${pointerOf(name)}: ${cellProblem(options.type)}`;
  }
  return undefined;
}

/** Without a schema only a number can be more than its column holds. */
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
