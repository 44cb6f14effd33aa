import type { Publication, PublishReceipt } from '../domain/run.js';
import type { Column, Reject, Row } from '../domain/rows.js';
import type { StoreFact } from '../domain/store-facts.js';
import type { Waits } from '../domain/waits.js';

/** Where rows end up. One file (or folder) a store behind this interface; one contract suite tests them all. */
export interface Store {
  /**
   * Says before anything is paid for whether a publication can work: the store answers, the table's columns are
   * compatible, the key is usable, the table's owner allows the mode. Changes nothing.
   *
   * @param columns the columns that the rows will have, as far as the schema tells; undefined = no schema.
   * @throws StoreError
   */
  check(publication: Publication, owner: string, columns: readonly Column[] | undefined): Promise<void>;

  /**
   * The SQL that would make or widen the table before these columns are published to it; none where nothing is to do, or
   * the store has no SQL. Changes nothing.
   *
   * @throws StoreError where the columns do not fit the table, or the store cannot be reached
   */
  preview(publication: Publication, owner: string, columns: readonly Column[]): Promise<readonly string[]>;

  /**
   * Publishes one run's rows, all or nothing, and keeps a receipt with them. If the receipt is there already, it is
   * returned and `rows` are not read: whoever repeats a publication changes nothing. A valid row that the store cannot
   * take (its key is null, missing or too long; the column cannot hold a value) becomes a reject beside the load's own.
   * Where a newer `replace` was there first, the rows count as unchanged and the rejects are not kept.
   *
   * @throws StoreError; LoadHeld; what `rows` or `rejects` throw, as it is; the signal's reason; an Error where fewer or
   * more rows or rejects came than the load announces.
   */
  publish(load: Load): Promise<PublishReceipt>;

  /**
   * Rows of the last publication to the table that was not superseded, by any run but this.
   *
   * @returns undefined where there is none, or the table is gone
   * @throws StoreError
   */
  lastRows(table: string, exceptRun: string): Promise<number | undefined>;

  /**
   * The rejects that are kept with their publications, in batches: those of one run and table come together. Those of a
   * table that was dropped since went with it.
   *
   * @throws StoreError
   */
  rejects(filter: RejectFilter): AsyncIterable<readonly KeptReject[]>;

  /**
   * Publishes mended rows of one run's rejects to its table and marks those rejects as replayed, all or nothing. A
   * reject that is marked already is passed over: whoever repeats a replay changes nothing. Rows go in as the run's
   * receipt says: appended, or merged by its key; after a `replace` they are appended, unless a newer replace was there
   * since (`superseded`: nothing changes, nothing is marked). A row that the store cannot take stays a reject, with the
   * new reason.
   *
   * @throws StoreError: no such receipt, another table since, a row that is no reject of the run, a clash of types;
   * what `rows` throw, as it is; the signal's reason
   */
  replay(replay: Replay): Promise<ReplayReceipt>;

  close(): Promise<void>;
}

/** What `judge` of a load has found: nothing was published. */
export class LoadHeld extends Error {
  override readonly name = 'LoadHeld';
}

/** One publication of one run. */
export interface Load {
  readonly publication: Publication;
  /** Id of the logical run: half of the receipt's key, the table is the other. */
  readonly run: string;
  /** Who publishes: a pipeline's name, or the task of a run without one. Only a table's owner may replace it. */
  readonly owner: string;
  /** When the run's execution was created, RFC 3339 in UTC: an older `replace` never undoes a newer one. */
  readonly at: string;
  readonly columns: readonly Column[];
  /** Records in the export; rows + rejected. */
  readonly records: number;
  readonly rejected: number;
  /** The valid rows in batches, `records - rejected` of them. Each time it is iterated, it begins with the first. */
  readonly rows: AsyncIterable<readonly Row[]>;
  /** Every row's execution is the run, and its `at` the run's. Default false: each row tells. */
  readonly isOfOneExecution?: boolean;
  /** The rejects, `rejected` of them; iterated as often as the rows. */
  readonly rejects: AsyncIterable<Reject>;
  /** What `rows` are read from, for stores that can read it themselves. */
  readonly document?: PlainDocument;
  /** Aborts the publication: nothing of it stays. */
  readonly signal: AbortSignal;
  /** How it waits for locks, turns and servers. Default: as a person would who has called it. */
  readonly waits?: Waits;
  /**
   * Judges how many of its records would be rejected, those that the store itself refuses among them, when all else is done.
   * Default: any number may be.
   *
   * @param why the reason of the first row that the store refuses
   * @returns why nothing is to be published; undefined: it may be
   */
  readonly judge?: (
    counts: { readonly records: number; readonly rejected: number },
    why?: string,
  ) => string | undefined;
  /** Publish nothing, but say what would come of it. Only `records`, `rows` and `rejected` of that receipt count. */
  readonly isRehearsal?: boolean;
  /** Told now and then how many rows have gone to the store. */
  readonly onProgress: (rows: number) => void;
}

/**
 * A file on this machine, a JSON array whose elements are the rows, all of them and in their order. Their members are the
 * load's columns, and mean the same to any reader of JSON.
 */
export interface PlainDocument {
  readonly path: string;
  /** Id of the execution whose results these are. */
  readonly execution: string;
  /** Of the longest row, or a little more. */
  readonly longestBytes: number;
  /** Reads the file too, and throws where it is not, or is no longer, what was exported. */
  readonly prove: () => Promise<void>;
}

/** Which rejects are meant: those of all tables and runs, unless it says otherwise. */
export interface RejectFilter {
  readonly table?: string;
  readonly run?: string;
  /** Default false: only those that are still open. True: those that were replayed, too. */
  readonly replayed?: boolean;
}

/** A reject as its store keeps it. */
export interface KeptReject extends Reject {
  readonly run: string;
  /** As the store calls it; every method takes it. */
  readonly table: string;
  /** When its execution was created, RFC 3339. */
  readonly at: string;
  readonly replayedAt?: string;
}

/** Mended rows of one run's rejects. */
export interface Replay {
  readonly table: string;
  readonly run: string;
  readonly columns: readonly Column[];
  /** Each with the execution and the row of its reject; read at most once. They may come from `rejects` of this store. */
  readonly rows: AsyncIterable<readonly Row[]>;
  /** Aborts the replay: nothing of it stays. */
  readonly signal: AbortSignal;
}

/** What one replay did: `replayed` = inserted + updated + unchanged + duplicates. */
export interface ReplayReceipt {
  /** True where a newer `replace` was there first: nothing was changed. */
  readonly superseded: boolean;
  /** Marked now. */
  readonly replayed: number;
  /** Were marked before. */
  readonly already: number;
  /** Stay rejects. */
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
}

/**
 * `rejected`: it will never work like this (a clash of types, another key, another owner). `unavailable`: the store
 * cannot be reached or is too busy; the same call may work later. `setup`: somebody has to mend the store, its settings,
 * credentials or rights, and then the same call works. Before a run is paid for, that is better said at once; a run that
 * is paid for waits for it. docs/failures.md has the table.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;
  /** True: nothing is wrong, somebody else has what is needed. */
  readonly isBusy: boolean;
  /** True: no store here has that name; another worker may have it. */
  readonly isUnknown: boolean;

  constructor(reason: StoreErrorReason, message: string, options?: StoreErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.isBusy = options?.isBusy ?? false;
    this.isUnknown = options?.isUnknown ?? false;
  }
}

export type StoreErrorReason = 'rejected' | 'unavailable' | 'setup';

/** Returns the reason for what the table of facts says. */
export function reasonFor({ meaning }: StoreFact): StoreErrorReason {
  return REASONS[meaning];
}

const REASONS = { passing: 'unavailable', setup: 'setup', final: 'rejected' } as const;

interface StoreErrorOptions extends ErrorOptions {
  readonly isBusy?: boolean;
  readonly isUnknown?: boolean;
}
