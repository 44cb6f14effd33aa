/** Where the files of one run of a `forEach` step lie. */
export interface StepPlace {
  /** The step's logical run. */
  readonly run: string;
  /** The staging directory; absent: all workers reach it. */
  readonly stagingId?: string;
}

/** One batch of a `forEach` step. What it is to do stands in staging: histories carry no more than this. */
export interface BatchRef extends StepPlace {
  /** From 1. */
  readonly batch: number;
}
