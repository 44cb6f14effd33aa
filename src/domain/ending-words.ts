import type { PassedOver } from './pipeline.js';
import { shellCommand } from './shell-command.js';
import { sumOfTallies, type Tally } from './tally.js';

/** A larger share of rejects is no good end that may pass without a word. */
const MOST_REJECTED = 0.1;

/** How a run ended that Temporal calls completed, for a person. */
export interface EndingWords {
  /** Whether it must not look like a good end: much was lost, or little of what came is new. */
  readonly isWarning: boolean;
  /** The whole, then what a person should look at in each step. */
  readonly lines: readonly string[];
}

/** @param steps the tally of each step; a run that is no pipeline is one step */
export function endingWords(steps: Readonly<Record<string, Tally>>, isReleased = false): EndingWords {
  const each = Object.entries(steps);
  const whole = sumOfTallies(each.map(([, tally]) => tally));
  const spent = spentWords(whole);
  const [only, ...others] = each;
  const isOne = only !== undefined && others.length === 0;
  const sentence = [
    isReleased ? 'released and completed' : 'completed',
    rowsOf(whole),
    ...(isOne || whole.rejected === 0 ? [] : [`${whole.rejected} rejected`]),
    ...(spent === '' ? [] : [spent]),
  ].join(', ');
  return {
    isWarning: each.some(([, tally]) => isWarning(tally)),
    lines: isOne
      ? [[sentence, ...warnings(only[1])].join('; ')]
      : [sentence, ...each.flatMap(([name, tally]) => warnings(tally).map((warning) => `${name}: ${warning}`))],
  };
}

export function isWarning({ records, rejected, rows, duplicates = 0, superseded, failedBatches }: Tally): boolean {
  const isLossy = records > 0 && rejected / records > MOST_REJECTED;
  return isLossy || superseded === true || isMostly(duplicates, rows) || failedBatches !== undefined;
}

/** What became of the records, zeros left out: `20 new, 3 updated, 2 rejected`. */
export function rowsWords(tally: Tally): string {
  if (tally.superseded === true) return 'superseded';
  const { rejected, records } = tally;
  const words = [...publishedWords(tally), ...(rejected === 0 ? [] : [`${rejected} rejected`])];
  if (words.length > 0) return words.join(', ');
  return records === 0 ? 'no records' : '';
}

/** The number of rows, with what became of them where that says more: `40 rows (20 new, 20 unchanged)`. */
export function rowsOf(tally: Tally): string {
  const { rows, inserted = 0, updated = 0, unchanged = 0, duplicates = 0, superseded } = tally;
  const isStagedOnly = inserted + updated + unchanged + duplicates === 0;
  const isSaid = superseded === true || isStagedOnly || inserted === rows;
  return isSaid ? counted(rows, 'row') : `${counted(rows, 'row')} (${publishedWords(tally).join(', ')})`;
}

/** What was paid for: `5 executions paid, 2 of them repeated`. Empty where nothing was. */
export function spentWords({ executions, repeated = 0 }: Tally): string {
  if (executions === 0) return '';
  const again = repeated === 0 ? '' : `, ${repeated} of them repeated`;
  return `${counted(executions, 'execution')} paid${again}`;
}

/** What a person should look at, with the next command; none where all is well. */
export function warnings(tally: Tally): readonly string[] {
  const { records, rejected, rows, duplicates = 0, superseded, rejectsOf, passedOver, failedBatches, widened } = tally;
  const was = (count: number): string => (count === 1 ? 'was' : 'were');
  return [
    ...(superseded === true ? ['a newer replace was there first, so nothing was changed'] : []),
    ...(rejected === 0
      ? []
      : [`${rejected} of ${counted(records, 'record')} ${was(rejected)} rejected: ${seeRejects(rejectsOf)}`]),
    ...(isMostly(duplicates, rows) ? [`${duplicates} of ${counted(rows, 'row')} ${was(duplicates)} duplicates`] : []),
    ...(failedBatches === undefined
      ? []
      : [`${failedBatches.failed} of ${counted(failedBatches.of, 'batch')} failed, the others were published`]),
    ...(passedOver === undefined ? [] : [passedOverWords(passedOver)]),
    ...(widened === undefined ? [] : [`columns widened: ${widened.join(', ')}`]),
  ];
}

/** `3 values were no URLs and passed over: N/A, 6, javascript:void(0)`; of many the first ones. */
export function passedOverWords({ count, values }: PassedOver): string {
  const more = count > values.length ? ', …' : '';
  const what = count === 1 ? 'is no URL' : 'are no URLs';
  return `${counted(count, 'value')} passed over that ${what}: ${values.join(', ')}${more}`;
}

function publishedWords(tally: Tally): readonly string[] {
  const { rows, inserted = 0, updated = 0, unchanged = 0, duplicates = 0 } = tally;
  // No receipt counts what is only staged, for the steps after this one.
  const staged = Math.max(rows - inserted - updated - unchanged - duplicates, 0);
  const parts: readonly [number, string][] = [
    [inserted, 'new'],
    [updated, 'updated'],
    [unchanged, 'unchanged'],
    [duplicates, duplicates === 1 ? 'duplicate' : 'duplicates'],
    [staged, 'not published'],
  ];
  return parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
}

function isMostly(some: number, all: number): boolean {
  return some * 2 > all;
}

function seeRejects(run: string | undefined): string {
  return run === undefined ? shellCommand('rejects list') : shellCommand('rejects show', run);
}

/** The same in a cell of a list: `! 5 new, 95 rejected: titanflow rejects show …; 1 execution paid`. */
export function listedWords(tally: Tally, isReleased: boolean): string {
  const { rejected, rejectsOf, passedOver, failedBatches } = tally;
  const words = [...(isReleased ? ['released'] : []), rowsWords(tally)].filter((word) => word !== '').join(', ');
  const next = rejected === 0 ? '' : `: ${seeRejects(rejectsOf)}`;
  const parts = [
    `${words}${next}`,
    failedBatches === undefined ? '' : `${failedBatches.failed} of ${counted(failedBatches.of, 'batch')} failed`,
    passedOver === undefined ? '' : `${counted(passedOver.count, 'value')} passed over`,
    spentWords(tally),
  ].filter((part) => part !== '');
  return `${isWarning(tally) ? '! ' : ''}${parts.join('; ')}`;
}

/** A number with its noun: `1 row`, `2 rows`, `2 batches`. */
function counted(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return `${count} ${what}${what.endsWith('ch') ? 'es' : 's'}`;
}
