/** How long judging may take, in milliseconds. */
export interface JudgeLimits {
  /** To make a schema ready. */
  readonly schema: number;
  /** For each megabyte of a record, or part of one. */
  readonly record: number;
  /** For all records of a document together that took longer than they may. */
  readonly slowRecords: number;
}

export const JUDGE_LIMITS: JudgeLimits = { schema: 10_000, record: 1_000, slowRecords: 60_000 };
