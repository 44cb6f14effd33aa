import type { PassedOver, StepResult } from './pipeline.js';
import type { PublishReceipt, RunTaskResult } from './run.js';
import { isForEachResult, isPipelineResult } from './step-result.js';

/** The first ones tell what they are. */
const VALUES_SHOWN = 3;

type Counted = 'inserted' | 'updated' | 'unchanged' | 'duplicates';

/** What became of the records of a run, and what it has paid for: the numbers that every ending shows. */
export interface Tally extends Partial<Pick<PublishReceipt, Counted>> {
  readonly records: number;
  readonly rejected: number;
  /** Valid rows. */
  readonly rows: number;
  /** Whether a newer `replace` was there first, so that nothing was changed. */
  readonly superseded?: boolean;
  /** The run under which its rejects are kept; absent where it has none, or several runs have some. */
  readonly rejectsOf?: string;
  /** Executions that were paid for, those that an earlier run had started too. */
  readonly executions: number;
  /** Executions among them that were paid for because the service had lost the one before. */
  readonly repeated?: number;
  /** Values of a `forEach` that are no URLs. */
  readonly passedOver?: PassedOver;
  /** Columns whose guessed types were too narrow: see PublishReceipt. */
  readonly widened?: readonly string[];
  /** Batches that failed, where a step went on without them. */
  readonly failedBatches?: { readonly failed: number; readonly of: number };
}

/** Counts one publication, or what is staged where nothing is published. */
export function tallyOf(result: StepResult): Tally {
  if (isPipelineResult(result)) return sumOfTallies(Object.values(result.steps).map(tallyOf));
  return { ...rowsOf(result), ...spentOn(result) };
}

/** Adds the tallies of several steps. */
export function sumOfTallies(tallies: readonly Tally[]): Tally {
  const sum = (count: (tally: Tally) => number | undefined): number =>
    tallies.reduce((total, tally) => total + (count(tally) ?? 0), 0);
  const withRejects = tallies.filter(({ rejected }) => rejected > 0);
  const [only] = withRejects;
  const passedOver = tallies.flatMap((tally) => tally.passedOver ?? []);
  const failedBatches = tallies.flatMap((tally) => tally.failedBatches ?? []);
  const widened = tallies.flatMap((tally) => tally.widened ?? []);
  return {
    records: sum(({ records }) => records),
    rejected: sum(({ rejected }) => rejected),
    rows: sum(({ rows }) => rows),
    inserted: sum(({ inserted }) => inserted),
    updated: sum(({ updated }) => updated),
    unchanged: sum(({ unchanged }) => unchanged),
    duplicates: sum(({ duplicates }) => duplicates),
    executions: sum(({ executions }) => executions),
    repeated: sum(({ repeated }) => repeated),
    ...(passedOver.length === 0
      ? {}
      : {
          passedOver: {
            count: passedOver.reduce((total, { count }) => total + count, 0),
            values: passedOver.flatMap(({ values }) => values).slice(0, VALUES_SHOWN),
          },
        }),
    ...(failedBatches.length === 0
      ? {}
      : {
          failedBatches: {
            failed: failedBatches.reduce((total, { failed }) => total + failed, 0),
            of: failedBatches.reduce((total, batches) => total + batches.of, 0),
          },
        }),
    ...(widened.length === 0 ? {} : { widened }),
    ...(tallies.some(({ superseded }) => superseded === true) ? { superseded: true } : {}),
    ...(withRejects.length === 1 && only?.rejectsOf !== undefined ? { rejectsOf: only.rejectsOf } : {}),
  };
}

/** Counts one of several publications of a run. Each store may reject others of the same records. */
export function tallyOfReceipt(receipt: PublishReceipt, run: string): Tally {
  const { records, rows, rejected, inserted, updated, unchanged, duplicates, superseded, widened } = receipt;
  const counts = { records, rows, rejected, inserted, updated, unchanged, duplicates, executions: 0 };
  return {
    ...counts,
    ...(superseded ? { superseded } : {}),
    ...(widened ? { widened } : {}),
    ...rejectsOf(rejected, run),
  };
}

/** The id by which the rejects of a run are asked for. */
export function runOf(result: Exclude<StepResult, { readonly steps: unknown }>): string {
  return isForEachResult(result) ? result.run : result.executionId;
}

type Flat = Exclude<StepResult, { readonly steps: unknown }>;

/** Of several publications the one that lost most tells: what is lost in one place must not look whole. */
function rowsOf(result: Flat): Omit<Tally, 'executions'> {
  const run = runOf(result);
  const [worst] = result.published.toSorted((one, other) => other.rejected - one.rejected);
  if (worst !== undefined) return tallyOfReceipt(worst, run);
  const rejected = result.rejected ?? 0;
  const records = isForEachResult(result) ? result.records : result.export.records;
  return { records, rejected, rows: records - rejected, ...rejectsOf(rejected, run) };
}

function spentOn(result: Flat): Pick<Tally, 'executions' | 'repeated' | 'passedOver' | 'failedBatches'> {
  const repeated = result.repeated === undefined ? {} : { repeated: result.repeated };
  if (!isForEachResult(result)) return { executions: paidFor(result), ...repeated };
  const { executions, kept = 0, passedOver, batches, completed } = result;
  return {
    executions: executions + kept,
    ...repeated,
    ...(passedOver === undefined ? {} : { passedOver }),
    ...(completed === batches ? {} : { failedBatches: { failed: batches - completed, of: batches } }),
  };
}

function paidFor({ repeated = 0 }: RunTaskResult): number {
  return 1 + repeated;
}

function rejectsOf(rejected: number, run: string): Pick<Tally, 'rejectsOf'> {
  return rejected === 0 ? {} : { rejectsOf: run };
}
