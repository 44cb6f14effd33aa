import { hint } from './nearest.js';

type FieldName = 'second' | 'minute' | 'hour' | 'day of month' | 'month' | 'day of week' | 'year';

const FIVE: readonly FieldName[] = ['minute', 'hour', 'day of month', 'month', 'day of week'];
const LAYOUTS: Readonly<Record<number, readonly FieldName[]>> = {
  5: FIVE,
  6: [...FIVE, 'year'],
  7: ['second', ...FIVE, 'year'],
};
const SHORTHANDS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * What is wrong with a cron expression, as a predicate; undefined if nothing is.
 *
 * The Temporal server reads them in its own way, which no library follows: six fields end with the year, names may be
 * cut short, day of month and day of week must both fit. Its time zones, intervals and comments have keys of their own
 * in a pipeline file, and are refused here.
 */
export function cronFault(expression: string): string | undefined {
  const text = expression.trim();
  if (/^(?:CRON_)?TZ=/.test(text)) return 'must have no time zone in front: write it under "timezone"';
  if (text.startsWith('@every')) return 'must be no "@every": write it under "interval"';
  // Others read `1#2` as the second Monday. For Temporal it is Monday and a comment.
  if (text.includes('#')) return 'must have no "#": Temporal takes what follows it for a comment';
  if (text.startsWith('@')) return SHORTHANDS.includes(text) ? undefined : `is no shorthand${hint(text, SHORTHANDS)}`;
  const words = text.split(/\s+/).filter(Boolean);
  const names = LAYOUTS[words.length];
  if (names === undefined) {
    return `must have 5 fields (minute, hour, day of month, month, day of week), 6 (then the year) or 7 (the second before all), has ${words.length}`;
  }
  return fieldsFault(new Map(names.map((name, index) => [name, words[index] ?? ''])));
}

const FIELDS_OF: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Whether an expression without a fault fires at a time of its own zone, to the minute; the day of the week from Sunday, 0. */
export function firesAt(
  expression: string,
  time: { minute: number; hour: number; day: number; month: number; weekday: number; year: number },
): boolean {
  const words = (FIELDS_OF[expression.trim()] ?? expression).trim().split(/\s+/);
  const names = LAYOUTS[words.length] ?? FIVE;
  const isIn = (name: FieldName, value: number): boolean => {
    const at = names.indexOf(name);
    const values = at === -1 ? undefined : readField(words[at] ?? '', FIELDS[name]);
    return values === undefined || (typeof values !== 'string' && values.includes(value));
  };
  const { minute, hour, day, month, weekday, year } = time;
  const isDay = isIn('day of month', day) && isIn('month', month) && isIn('year', year);
  const isWeekday = isIn('day of week', weekday) || (weekday === 0 && isIn('day of week', 7));
  return isDay && isWeekday && isIn('hour', hour) && isIn('minute', minute);
}

function fieldsFault(words: ReadonlyMap<FieldName, string>): string | undefined {
  const values = new Map<FieldName, readonly number[]>();
  const faults: string[] = [];
  for (const [name, word] of words) {
    const read = readField(word, FIELDS[name]);
    if (typeof read === 'string') faults.push(`${name} ${JSON.stringify(word)} ${read}`);
    else values.set(name, read);
  }
  if (faults.length > 0) return `cannot be read: ${faults.join('; ')}`;
  const days = values.get('day of month') ?? [];
  const comes = values.get('month')?.some((month) => days.some((day) => day <= daysIn(month)));
  return comes === true ? undefined : 'never comes: the month has no such day';
}

interface Field {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on, and how many letters one needs at least. */
  readonly names?: readonly string[];
  readonly letters?: number;
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const FIELDS: Readonly<Record<FieldName, Field>> = {
  second: { min: 0, max: 59 },
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  'day of month': { min: 1, max: 31 },
  month: { min: 1, max: 12, names: MONTHS, letters: 3 },
  'day of week': { min: 0, max: 7, names: DAYS, letters: 2 },
  year: { min: 2000, max: 2100 },
};

/** The numbers that a field stands for, or what is wrong with it. */
function readField(text: string, field: Field): readonly number[] | string {
  const parts = text.split(',').map((part) => readPart(part, field));
  const fault = parts.find((part) => typeof part === 'string');
  return fault ?? parts.flatMap((part) => (typeof part === 'string' ? [] : part));
}

/** `*`, `3` or `1-5`, with or without a step as in `1-5/2`; a single value with a step goes on to the end. */
function readPart(part: string, field: Field): readonly number[] | string {
  const [range = '', step = '1', ...moreSteps] = part.split('/');
  if (moreSteps.length > 0 || !/^[1-9]\d*$/.test(step)) return 'has a step that is not "/" and a number from 1';
  const [from = '', to, ...moreEnds] = range === '*' ? [String(field.min), String(field.max)] : range.split('-');
  const start = valueOf(from, field);
  const single = part.includes('/') ? field.max : start;
  const end = to === undefined ? single : valueOf(to, field);
  if (moreEnds.length > 0 || start === undefined || end === undefined)
    return `is not from ${field.min} to ${field.max}`;
  if (end < start) return 'ends before it begins';
  const count = Math.floor((end - start) / Number(step)) + 1;
  return Array.from({ length: count }, (_, index) => start + index * Number(step));
}

function valueOf(text: string, { min, max, names = [], letters = 1 }: Field): number | undefined {
  const named = text.length < letters ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  if (named >= 0) return min + named;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function daysIn(month: number): number {
  if (month === 2) return 29;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
